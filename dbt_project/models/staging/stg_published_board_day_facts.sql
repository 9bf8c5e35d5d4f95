select
    board_id,
    day as listed_on,
    row_count,
    newest_post_at
from {{ source('history', 'board_day_facts') }}
