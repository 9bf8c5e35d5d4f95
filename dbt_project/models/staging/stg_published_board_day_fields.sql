select
    board_id,
    day as listed_on,
    field,
    seen_count,
    filled_count
from {{ source('history', 'board_day_fields') }}
