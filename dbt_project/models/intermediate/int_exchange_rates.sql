with

thresholds as (
    select
        max(case when name = 'most_move' then value end) as most_move,
        max(case when name = 'warned_deviation' then value end) as warned_deviation,
        max(case when name = 'refused_deviation' then value end) as refused_deviation
    from {{ ref('rate_thresholds') }}
),

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

-- The value of a day that other days are held against: what is published, else the latest.
daily as (
    select day, currency, krw_per_unit, rate_source
    from (
        select
            day, currency, krw_per_unit, rate_source,
            row_number() over (partition by day, currency order by is_published desc, recorded_at desc) as nth
        from known
    ) as ranked
    where nth = 1 and krw_per_unit > 0
),

-- The middle of the days before, so that one wrong day makes neither itself nor the next one right. Over a longer gap than
-- holidays make, a currency may move far.
days_before as (
    select known_days.day, known_days.currency, median(earlier.krw_per_unit) as krw_per_unit
    from (select distinct day, currency from known) as known_days
    inner join daily as earlier
        on earlier.currency = known_days.currency and earlier.day < known_days.day and earlier.day >= known_days.day - 10
    group by known_days.day, known_days.currency
),

-- Nothing is held against itself.
second as (
    select day, currency, krw_per_unit from {{ ref('stg_second_rates') }} where currency <> 'KRW' and krw_per_unit > 0
),

apart as (
    select
        daily.day,
        daily.currency,
        lag(abs(daily.krw_per_unit / second.krw_per_unit - 1) > thresholds.warned_deviation, 1, false)
            over (partition by daily.currency order by daily.day)
        and lag(abs(daily.krw_per_unit / second.krw_per_unit - 1) > thresholds.warned_deviation, 2, false)
            over (partition by daily.currency order by daily.day) as was_apart_twice
    from daily
    inner join second on second.day = daily.day and second.currency = daily.currency
    cross join thresholds
    where daily.rate_source <> 'nbp'
),

measured as (
    select
        known.*,
        known.krw_per_unit / nullif(days_before.krw_per_unit, 0) as rate_ratio,
        case when known.rate_source <> 'nbp' then known.krw_per_unit / second.krw_per_unit - 1 end as deviation,
        coalesce(apart.was_apart_twice, false) as was_apart_twice,
        min(known.recorded_at) over (partition by known.day, known.currency) as first_recorded_at,
        max(known.recorded_at) over (partition by known.day, known.currency) as last_recorded_at
    from known
    left join days_before on days_before.day = known.day and days_before.currency = known.currency
    left join second on second.day = known.day and second.currency = known.currency
    left join apart on apart.day = known.day and apart.currency = known.currency
),

judged as (
    select
        measured.*,
        measured.is_published
        or coalesce(measured.rate_ratio between 1 / thresholds.most_move and thresholds.most_move, true) as is_move_plausible,
        measured.is_published or coalesce(abs(measured.deviation) <= thresholds.refused_deviation, true) as is_near_second_source,
        not (measured.was_apart_twice and coalesce(abs(measured.deviation) > thresholds.warned_deviation, false))
            as is_in_step_with_second_source
    from measured
    cross join thresholds
),

-- What no gate that refuses a rate would let through, no fact may use.
weighed as (
    select
        *,
        is_published
        or (
            coalesce(krw_per_unit > 0, false)
            and coalesce(usd_per_unit > 0, true)
            and length(currency) = 3
            and is_move_plausible
            and is_near_second_source
        ) as is_usable
    from judged
),

-- A wrong value that was mended before anybody used it is forgotten. A rate once used is never changed: another value is another
-- row, an equal one none.
compared as (
    select
        *,
        lag(krw_per_unit) over (partition by day, currency order by recorded_at) as previous_krw_per_unit,
        lag(usd_per_unit) over (partition by day, currency order by recorded_at) as previous_usd_per_unit
    from weighed
    where is_usable or recorded_at = last_recorded_at
),

kept as (
    select *
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
            row_number() over (partition by day, currency order by is_usable desc, recorded_at desc) as nth
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
    kept.rate_ratio,
    kept.deviation,
    kept.first_recorded_at,
    kept.is_move_plausible,
    kept.is_near_second_source,
    kept.is_in_step_with_second_source,
    kept.is_usable,
    repeats.day is not null as is_of_the_day_before,
    kept.rate_source <> 'nbp'  -- which are a week apart: a currency may move 3 % and back
    and coalesce(
        abs(kept.krw_per_unit / nullif(neighbours.previous_krw_per_unit, 0) - 1) > 0.03
        and abs(kept.krw_per_unit / nullif(neighbours.next_krw_per_unit, 0) - 1) > 0.03
        and abs(neighbours.next_krw_per_unit / nullif(neighbours.previous_krw_per_unit, 0) - 1) < 0.005,
        false
    ) as is_out_of_line
from kept
inner join neighbours on neighbours.day = kept.day and neighbours.currency = kept.currency
left join repeats on repeats.day = kept.day and repeats.rate_source = neighbours.rate_source
