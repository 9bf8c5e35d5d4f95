with

mentions as (select * from {{ ref('int_mentions') }}),

pair_rates as (select * from {{ ref('int_pair_rates') }}),

currencies as (select currency from {{ ref('currencies') }}),

-- The last day counts, and has no rate where that is refused.
own_rates as (
    select board_id, listed_on, currency, krw_per_unit, usd_per_unit
    from (
        select *, row_number() over (partition by board_id, listed_on, currency order by day desc) as nth
        from {{ ref('int_listed_rates') }}
        where is_recent
    ) as ranked
    where nth = 1
),

-- Of ranges, rates and deltas no single worth can be given.
worths as (
    select
        mentions.*,
        case when mentions.kind not in ('range', 'rate', 'rate_delta') then mentions.amount end as worth,
        own_rates.krw_per_unit,
        own_rates.usd_per_unit
    from mentions
    left join own_rates
        on own_rates.currency = mentions.currency
        and own_rates.board_id = mentions.board_id
        and own_rates.listed_on = mentions.listed_on
),

converted as (
    select
        *,
        case when currency = 'KRW' then worth else {{ worth_at('worth', 'krw_per_unit') }} end as amount_krw,
        case when currency = 'USD' then worth else {{ worth_at('worth', 'usd_per_unit') }} end as amount_usd
    from worths
)

select
    worths.fact_id,
    worths.board_id,
    worths.document_id,
    worths.version,
    worths.listed_on,
    worths.place,
    worths.block_position,
    worths.char_start,
    worths.char_end,
    worths.text,
    worths.kind,
    worths.currency,
    worths.amount,
    worths.amount_min,
    worths.amount_max,
    worths.qualifiers,
    worths.per,
    worths.paired_fact_id,
    pair_rates.rate_pair,
    pair_rates.implied_rate,
    pair_rates.implied_rate_low,
    pair_rates.implied_rate_high,
    pair_rates.reference_rate,
    pair_rates.reference_on,
    pair_rates.rate_verdict,
    pair_rates.best_fit_on,
    worths.amount_krw,
    worths.amount_usd,
    worths.source_text,
    substring(worths.source_text, worths.char_start + 1, worths.char_end - worths.char_start) as span_text,
    worths.char_end - worths.char_start = length(worths.text)
    and worths.text <> ''
    and substring(worths.source_text, worths.char_start + 1, worths.char_end - worths.char_start) = worths.text as is_span_right,
    coalesce(worths.amount > 0, true) and coalesce(worths.amount_min > 0, true) and coalesce(worths.amount_max > 0, true)
        as is_amount_positive,
    currencies.currency is not null as is_currency_known,
    pair_rates.implied_rate / pair_rates.reference_rate as rate_ratio,
    worths.is_overflow
    or (worths.amount_krw is null and worths.worth is not null and worths.krw_per_unit is not null)
    or (worths.amount_usd is null and worths.worth is not null and worths.usd_per_unit is not null) as is_overflow,
    worths.paired_fact_id is null or originals.fact_id is not null as has_pair,
    coalesce(originals.char_start < worths.char_start, true) as is_pair_in_order,
    {{ is_amount_of_text('worths.amount', 'worths.text') }} as is_amount_of_text,
    {{ is_currency_of_text('worths.currency', 'worths.text') }} as is_currency_of_text,
    case
        when worths.place = 'title' then coalesce(board_rows.latest_response_id, articles.response_id)
        else articles.response_id
    end as response_id
from converted as worths
left join pair_rates on pair_rates.fact_id = worths.fact_id
left join currencies on currencies.currency = worths.currency
left join (
    select fact_id, board_id, document_id, min(char_start) as char_start from mentions group by fact_id, board_id, document_id
) as originals
    on originals.fact_id = worths.paired_fact_id
    and originals.board_id = worths.board_id
    and originals.document_id = worths.document_id
left join {{ ref('int_board_rows') }} as board_rows
    on board_rows.board_id = worths.board_id and board_rows.document_id = worths.document_id
left join {{ ref('int_articles') }} as articles on articles.board_id = worths.board_id and articles.document_id = worths.document_id
