with

mentions as (
    select
        *,
        {{ amount_of('amount') }} as exact_amount,
        {{ amount_of('amount_min') }} as exact_amount_min,
        {{ amount_of('amount_max') }} as exact_amount_max
    from {{ source('raw', 'mentions') }}
)

select
    text_key,
    ordinal,
    char_start,
    char_end,
    text,
    kind,
    currency,
    exact_amount as amount,
    exact_amount_min as amount_min,
    exact_amount_max as amount_max,
    (amount is not null and exact_amount is null)
    or (amount_min is not null and exact_amount_min is null)
    or (amount_max is not null and exact_amount_max is null) as is_overflow,
    qualifiers,
    per,
    paired_ordinal,
    try_cast(rounding_unit as double) as rounding_unit
from mentions
