select
    text_key,
    ordinal,
    char_start,
    char_end,
    text,
    kind,
    currency,
    try_cast(amount as decimal(38, 4)) as amount,
    try_cast(amount_min as decimal(38, 4)) as amount_min,
    try_cast(amount_max as decimal(38, 4)) as amount_max,
    (amount is not null and try_cast(amount as decimal(38, 4)) is null)
    or (amount_min is not null and try_cast(amount_min as decimal(38, 4)) is null)
    or (amount_max is not null and try_cast(amount_max as decimal(38, 4)) is null) as is_overflow,
    qualifiers,
    per,
    paired_ordinal,
    try_cast(rounding_unit as double) as rounding_unit
from {{ source('raw', 'mentions') }}
