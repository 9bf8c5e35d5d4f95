select
    board_id,
    document_id,
    post_no,
    is_notice,
    title,
    title_tags,
    category,
    author,
    listed_on,
    comment_count,
    view_count,
    url,
    status,
    first_seen_at,
    last_seen_at,
    cast(0 as bigint) as changed_in_version
from {{ ref('int_board_rows') }}
