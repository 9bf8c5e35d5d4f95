{# One macro for one conversion. Each is dispatched, so that another engine overrides it and no model changes. #}

{# The calendar day that a clock in `zone` shows at the instant `stamp`. #}
{% macro day_in_zone(stamp, zone) %}{{ return(adapter.dispatch('day_in_zone')(stamp, zone)) }}{% endmacro %}
{% macro default__day_in_zone(stamp, zone) -%}
cast(timezone({{ zone }}, {{ stamp }}) as date)
{%- endmacro %}

{# The contents of the brackets in a title, in order: [속보], 【1보】, 〔연금술사④〕, ［단독］. Round brackets are prose. #}
{% macro title_tags(title) %}{{ return(adapter.dispatch('title_tags')(title)) }}{% endmacro %}
{% macro default__title_tags(title) -%}
regexp_extract_all({{ title }}, '[\[【〔［]\s*([^\[\]【】〔〕［］]*[^\[\]【】〔〕［］\s])\s*[\]】〕］]', 1)
{%- endmacro %}

{# Whether a date stands in one of the forms that boards show: 2025.02.05 (also - and /, with a time), 02.05, 20:28, 3분 전. #}
{% macro is_known_date_form(text) %}{{ return(adapter.dispatch('is_known_date_form')(text)) }}{% endmacro %}
{% macro default__is_known_date_form(text) -%}
regexp_matches(
    trim({{ text }}),
    '^(([0-9]{4}[./-])?[0-9]{1,2}[./-][0-9]{1,2}\.?( [0-9]{1,2}:[0-9]{2}(:[0-9]{2})?)?|[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?|방금( 전)?|[0-9]+ ?(초|분|시간|일) ?전)$'
)
{%- endmacro %}

{# An amount at a rate: null where it does not fit. Decimals cannot be multiplied safely (an overflow is an error, not a null), and
   a double knows 15 digits: what it would print after them is noise. #}
{% macro worth_at(amount, rate) %}{{ return(adapter.dispatch('worth_at')(amount, rate)) }}{% endmacro %}
{% macro default__worth_at(amount, rate) -%}
try_cast(printf('%.14e', cast({{ amount }} as double) * {{ rate }}) as decimal(38, 4))
{%- endmacro %}

{# One row per element of the list `blocks`: its columns, its place from 0. #}
{% macro block_elements(relation, keys) %}{{ return(adapter.dispatch('block_elements')(relation, keys)) }}{% endmacro %}
{% macro default__block_elements(relation, keys) -%}
select
    {{ keys | join(', ') }},
    block_position,
    block.kind as kind,
    block.text as text,
    block.credit as credit,
    block.image_url as image_url
from (
    select
        {{ keys | join(', ') }},
        unnest(blocks) as block,
        generate_subscripts(blocks, 1) - 1 as block_position
    from {{ relation }}
) as elements
{%- endmacro %}
