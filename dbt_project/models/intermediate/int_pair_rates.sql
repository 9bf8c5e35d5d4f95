with

mentions as (select * from {{ ref('int_mentions') }} where paired_fact_id is not null),

rates as (select * from {{ ref('int_listed_rates') }}),

thresholds as (
    select
        max(case when name = 'consistent_margin' then value end) as consistent_margin,
        max(case when name = 'best_fit_margin' then value end) as best_fit_margin,
        cast(max(case when name = 'best_fit_days' then value end) as integer) as best_fit_days,
        cast(max(case when name = 'reference_max_age_days' then value end) as integer) as reference_max_age_days
    from {{ ref('rate_thresholds') }}
),

-- Rates are quoted as units of `quote` per unit of `base`: KRW is the quote wherever it is one side.
oriented as (
    select
        fact_id,
        board_id,
        listed_on,
        case when paired_currency = 'KRW' then currency else paired_currency end as base_currency,
        case when paired_currency = 'KRW' then 'KRW' else currency end as quote_currency,
        paired_currency = 'KRW' as is_inverse,
        cast(paired_amount as double) as original,
        cast(case when kind not in ('rate', 'rate_delta') then amount end as double) as converted,
        coalesce(rounding_unit, 0) / 2 as slack
    from mentions
),

-- The original amount counts as exact; only the converted one was rounded by whoever wrote it.
implied as (
    select
        *,
        case when is_inverse then original / converted else converted / original end as implied_rate,
        case when is_inverse then original / (converted + slack) else (converted - slack) / original end as implied_rate_low,
        case
            when not is_inverse then (converted + slack) / original
            when converted > slack then original / (converted - slack)
        end as implied_rate_high
    from oriented
    where original > 0 and converted > 0
),

pairs as (select distinct board_id, listed_on, base_currency, quote_currency from implied),

-- Null where the rate of one side is refused on that day.
daily as (
    select
        pairs.board_id,
        pairs.listed_on,
        pairs.base_currency,
        pairs.quote_currency,
        bases.day,
        bases.krw_per_unit / case when pairs.quote_currency = 'KRW' then 1 else quotes.krw_per_unit end as rate
    from pairs
    inner join rates as bases
        on bases.currency = pairs.base_currency and bases.board_id = pairs.board_id and bases.listed_on = pairs.listed_on
    left join rates as quotes
        on quotes.currency = pairs.quote_currency
        and quotes.board_id = pairs.board_id
        and quotes.listed_on = pairs.listed_on
        and quotes.day = bases.day
    where pairs.quote_currency = 'KRW' or quotes.day is not null
),

-- The last rate on or before the day, and the rate day before that: an article of the morning knows only yesterday's.
references_found as (
    select
        *,
        row_number() over (partition by board_id, listed_on, base_currency, quote_currency order by day desc) as nth
    from daily
),

references_used as (
    select
        latest.board_id,
        latest.listed_on,
        latest.base_currency,
        latest.quote_currency,
        latest.day as reference_on,
        latest.rate as reference_rate,
        earlier.rate as earlier_rate
    from references_found as latest
    cross join thresholds
    left join references_found as earlier
        on earlier.board_id = latest.board_id
        and earlier.listed_on = latest.listed_on
        and earlier.base_currency = latest.base_currency
        and earlier.quote_currency = latest.quote_currency
        and earlier.nth = 2
        and earlier.day >= latest.day - thresholds.reference_max_age_days
    where latest.nth = 1 and latest.day >= latest.listed_on - thresholds.reference_max_age_days and latest.rate is not null
),

bounded as (
    select
        implied.*,
        references_used.reference_on,
        references_used.reference_rate,
        references_used.earlier_rate,
        thresholds.best_fit_margin,
        thresholds.best_fit_days,
        implied.implied_rate_low * (1 - thresholds.consistent_margin) as low_bound,
        coalesce(implied.implied_rate_high, implied.implied_rate) * (1 + thresholds.consistent_margin) as high_bound
    from implied
    cross join thresholds
    left join references_used
        on references_used.board_id = implied.board_id
        and references_used.listed_on = implied.listed_on
        and references_used.base_currency = implied.base_currency
        and references_used.quote_currency = implied.quote_currency
),

checked as (
    select
        *,
        coalesce(reference_rate between low_bound and high_bound, false)
        or coalesce(earlier_rate between low_bound and high_bound, false) as is_consistent
    from bounded
),

earlier_days as (
    select
        checked.fact_id,
        daily.day,
        daily.rate between checked.low_bound and checked.high_bound as is_held,
        abs(checked.implied_rate / daily.rate - 1) as deviation,
        min(abs(checked.implied_rate / daily.rate - 1)) over (partition by checked.fact_id) as least_deviation,
        checked.best_fit_margin
    from checked
    inner join daily
        on daily.board_id = checked.board_id
        and daily.listed_on = checked.listed_on
        and daily.base_currency = checked.base_currency
        and daily.quote_currency = checked.quote_currency
        and daily.rate is not null
        and daily.day < checked.listed_on
        and daily.day >= checked.listed_on - checked.best_fit_days
    where checked.reference_rate is not null and not checked.is_consistent
),

best_fits as (
    select
        fact_id,
        max(case when is_held then 1 else 0 end) = 1 as is_held_once,
        max(case when deviation <= least_deviation + best_fit_margin then day end) as best_fit_on
    from earlier_days
    group by fact_id
),

verdicts as (
    select
        checked.*,
        case
            when checked.reference_rate is null then 'unchecked'
            when checked.is_consistent then 'consistent'
            when best_fits.is_held_once then 'stale'
            else 'suspect'
        end as rate_verdict,
        case when best_fits.is_held_once then best_fits.best_fit_on end as best_fit_on
    from checked
    left join best_fits on best_fits.fact_id = checked.fact_id
)

select
    oriented.fact_id,
    oriented.board_id,
    oriented.listed_on,
    oriented.base_currency || '/' || oriented.quote_currency as rate_pair,
    verdicts.implied_rate,
    verdicts.implied_rate_low,
    verdicts.implied_rate_high,
    verdicts.reference_rate,
    verdicts.reference_on,
    coalesce(verdicts.rate_verdict, 'unchecked') as rate_verdict,
    verdicts.best_fit_on
from oriented
left join verdicts on verdicts.fact_id = oriented.fact_id
