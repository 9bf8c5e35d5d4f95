select
    day,
    currency,
    recorded_at,
    krw_per_unit,
    usd_per_unit,
    rate_source,
    cast(0 as bigint) as changed_in_version
from {{ ref('int_exchange_rates') }}
