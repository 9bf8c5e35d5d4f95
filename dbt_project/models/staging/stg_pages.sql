select
    pages.response_id,
    pages.board_id,
    pages.run_id,
    pages.purpose,
    pages.sweep,
    pages.url,
    pages.status,
    pages.fetched_at,
    {{ day_in_zone('pages.fetched_at', 'boards.time_zone') }} as fetched_on,
    boards.time_zone,
    pages.document_id,
    pages.kind,
    pages.view,
    pages.page_no,
    pages.last_page,
    pages.row_count,
    pages.is_complete,
    pages.reason,
    pages.is_judged
from {{ source('raw', 'pages') }} as pages
inner join {{ source('raw', 'boards') }} as boards on boards.board_id = pages.board_id
