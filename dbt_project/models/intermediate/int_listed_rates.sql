with

scope as (select * from {{ ref('stg_scope') }}),

thresholds as (
    select
        cast(max(case when name = 'best_fit_days' then value end) as integer) as best_fit_days,
        cast(max(case when name = 'reference_max_age_days' then value end) as integer) as reference_max_age_days
    from {{ ref('rate_thresholds') }}
),

-- The value that counts. A day whose rate is refused stands without one: no earlier day takes its place.
daily as (
    select
        day,
        currency,
        first_recorded_at,
        case when is_usable then krw_per_unit end as krw_per_unit,
        case when is_usable then usd_per_unit end as usd_per_unit
    from (
        select *, row_number() over (partition by day, currency order by is_usable desc, recorded_at desc) as nth
        from {{ ref('int_exchange_rates') }}
    ) as ranked
    where nth = 1
),

mentioned as (
    select distinct mentions.board_id, mentions.listed_on, mentions.currency, scope.closed_at, coalesce(scope.is_open, false) as is_open
    from {{ ref('int_mentions') }} as mentions
    left join scope on scope.board_id = mentions.board_id and scope.listed_on = mentions.listed_on
),

-- While a day is open its own rate does not count, so that its references move once at most, when it is closed.
reachable as (
    select
        mentioned.board_id,
        mentioned.listed_on,
        mentioned.currency,
        daily.day,
        daily.krw_per_unit,
        daily.usd_per_unit,
        daily.day >= mentioned.listed_on - thresholds.reference_max_age_days as is_recent,
        mentioned.closed_at is null or daily.first_recorded_at <= mentioned.closed_at as is_timely
    from mentioned
    cross join thresholds
    inner join daily
        on daily.currency = mentioned.currency
        and daily.day <= case when mentioned.is_open then mentioned.listed_on - 1 else mentioned.listed_on end
        and daily.day >= mentioned.listed_on - thresholds.best_fit_days - thresholds.reference_max_age_days
),

-- What became known after the close changes nothing, except where nothing was known then.
settled as (
    select
        *,
        max(case when is_recent and is_timely then 1 else 0 end) over (partition by board_id, listed_on, currency) = 1 as is_settled
    from reachable
)

select board_id, listed_on, currency, day, krw_per_unit, usd_per_unit, is_recent
from settled
where is_timely or not is_settled
