select
    board_id,
    day as listed_on,
    completeness
from {{ source('raw', 'scope') }}
