select
    day,
    currency,
    krw_per_unit
from {{ source('raw', 'second_rates') }}
