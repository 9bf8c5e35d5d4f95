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
    select day, currency, krw_per_unit, rate_source
    from (
        select
            day, currency, krw_per_unit, rate_source,
            row_number() over (partition by day, currency order by recorded_at desc) as nth
        from kept
    ) as ranked
    where nth = 1
),

-- Over a longer gap than holidays make, a currency may move far.
neighbours as (
    select
        day,
        currency,
        rate_source,
        krw_per_unit,
        case when day - previous_day <= 10 then previous_krw_per_unit end as previous_krw_per_unit,
        case when next_day - day <= 10 then next_krw_per_unit end as next_krw_per_unit
    from (
        select
            *,
            lag(day) over (partition by currency order by day) as previous_day,
            lag(krw_per_unit) over (partition by currency order by day) as previous_krw_per_unit,
            lead(day) over (partition by currency order by day) as next_day,
            lead(krw_per_unit) over (partition by currency order by day) as next_krw_per_unit
        from latest
    ) as placed
),

-- Out of line is a rate 3 % from both neighbours, which agree within half a percent: 4 of the bank's rates since 2015.
-- One currency may stand still; where all of a source do on a working day, the day before was handed out again.
repeats as (
    select day, rate_source
    from neighbours
    where currency <> 'KRW' and isodow(day) <= 5
    group by day, rate_source
    having count(*) >= 3 and bool_and(coalesce(krw_per_unit = previous_krw_per_unit, false))
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
    kept.krw_per_unit / nullif(neighbours.previous_krw_per_unit, 0) as rate_ratio,
    repeats.day is not null as is_of_the_day_before,
    coalesce(
        abs(kept.krw_per_unit / nullif(neighbours.previous_krw_per_unit, 0) - 1) > 0.03
        and abs(kept.krw_per_unit / nullif(neighbours.next_krw_per_unit, 0) - 1) > 0.03
        and abs(neighbours.next_krw_per_unit / nullif(neighbours.previous_krw_per_unit, 0) - 1) < 0.005,
        false
    ) as is_out_of_line
from kept
inner join neighbours on neighbours.day = kept.day and neighbours.currency = kept.currency
left join repeats on repeats.day = kept.day and repeats.rate_source = neighbours.rate_source
