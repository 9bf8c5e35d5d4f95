with

published as (select * from {{ ref('stg_published_exchange_rates') }}),

published_until as (
    select day, currency, max(recorded_at) as recorded_at
    from published
    group by day, currency
),

known as (
    select day, currency, recorded_at, krw_per_unit, usd_per_unit, rate_source, true as is_published
    from published
    union all
    select
        rates.day, rates.currency, rates.recorded_at, rates.krw_per_unit, rates.usd_per_unit, rates.rate_source, false
    from {{ ref('stg_rates') }} as rates
    left join published_until on published_until.day = rates.day and published_until.currency = rates.currency
    where published_until.recorded_at is null or rates.recorded_at > published_until.recorded_at
),

-- A rate once used is never changed: another value is another row, an equal one none.
compared as (
    select
        *,
        lag(krw_per_unit) over (partition by day, currency order by recorded_at) as previous_krw_per_unit,
        lag(usd_per_unit) over (partition by day, currency order by recorded_at) as previous_usd_per_unit
    from known
),

kept as (
    select day, currency, recorded_at, krw_per_unit, usd_per_unit, rate_source
    from compared
    where
        is_published
        or previous_krw_per_unit is null
        or previous_krw_per_unit is distinct from krw_per_unit
        or previous_usd_per_unit is distinct from usd_per_unit
),

latest as (
    select day, currency, krw_per_unit
    from (
        select day, currency, krw_per_unit, row_number() over (partition by day, currency order by recorded_at desc) as nth
        from kept
    ) as ranked
    where nth = 1
),

-- Over a longer gap than holidays make, a currency may move far.
days_before as (
    select day, currency, case when day - previous_day <= 10 then previous_krw_per_unit end as krw_per_unit
    from (
        select
            day,
            currency,
            lag(day) over (partition by currency order by day) as previous_day,
            lag(krw_per_unit) over (partition by currency order by day) as previous_krw_per_unit
        from latest
    ) as lagged
)

select
    kept.day,
    kept.currency,
    kept.recorded_at,
    kept.krw_per_unit,
    kept.usd_per_unit,
    kept.rate_source,
    '_rates' as board_id,
    kept.day as listed_on,
    kept.krw_per_unit / nullif(days_before.krw_per_unit, 0) as rate_ratio
from kept
inner join days_before on days_before.day = kept.day and days_before.currency = kept.currency
