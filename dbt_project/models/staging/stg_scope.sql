select
    board_id,
    day as listed_on,
    completeness,
    closed_at,
    coalesce(is_open, false) as is_open
from {{ source('raw', 'scope') }}
