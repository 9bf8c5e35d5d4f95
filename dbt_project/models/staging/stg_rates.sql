select
    day,
    currency,
    krw_per_unit,
    usd_per_unit,
    rate_source,
    recorded_at
from {{ source('raw', 'rates') }}
