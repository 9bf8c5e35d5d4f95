select
    board_id,
    name as board_name,
    url,
    time_zone,
    first_day as first_on
from {{ source('raw', 'boards') }}
