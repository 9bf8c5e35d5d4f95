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

{# Whether a date stands in one of the forms that boards show: 2025.02.05 (also - and /), 2025년 2월 5일, 02.05, each also with a day of
   the week and a time; 20:28, 오후 8:28, 3분 전, 어제. #}
{% macro is_known_date_form(text) %}{{ return(adapter.dispatch('is_known_date_form')(text)) }}{% endmacro %}
{% macro default__is_known_date_form(text) -%}
{%- set time = '((오전|오후|AM|PM) ?)?[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?' -%}
regexp_matches(
    trim({{ text }}),
    '^((등록일|작성일|날짜|입력) ?:? ?)?((([0-9]{4}[./-])?[0-9]{1,2}[./-][0-9]{1,2}\.?|([0-9]{4}년 ?)?[0-9]{1,2}월 ?[0-9]{1,2}일)( ?\([월화수목금토일]\))?( {{ time }})?|{{ time }}|방금( 전)?|[0-9]+ ?(초|분|시간|일) ?전|어제|그제|그저께)$'
)
{%- endmacro %}

{# A decimal string as an amount; null where it does not fit. DuckDB casts text to DECIMAL(38,4) in 60 microseconds, by way of a whole
   number in a fortieth of that, and nearly all amounts are whole. #}
{% macro amount_of(text) %}{{ return(adapter.dispatch('amount_of')(text)) }}{% endmacro %}
{% macro default__amount_of(text) -%}
case
        when strpos({{ text }}, '.') = 0 then try_cast(try_cast({{ text }} as hugeint) as decimal(38, 4))
        else try_cast({{ text }} as decimal(38, 4))
    end
{%- endmacro %}

{# An amount at a rate: null where it does not fit. Decimals cannot be multiplied safely (an overflow is an error, not a null), and
   a double knows 15 digits: what it would print after them is noise. Small worths take the narrow decimal, which DuckDB casts 60 times
   faster. #}
{% macro worth_at(amount, rate) %}{{ return(adapter.dispatch('worth_at')(amount, rate)) }}{% endmacro %}
{% macro default__worth_at(amount, rate) -%}
case
        when abs(cast({{ amount }} as double) * {{ rate }}) < 1e13
            then cast(try_cast(printf('%.14e', cast({{ amount }} as double) * {{ rate }}) as decimal(18, 4)) as decimal(38, 4))
        else try_cast(printf('%.14e', cast({{ amount }} as double) * {{ rate }}) as decimal(38, 4))
    end
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

{# The id of a fact: of its document, place, text (and which of equal ones), and span. `text`: a relation with these columns. #}
{% macro fact_id(text, char_start, char_end) -%}
md5(concat_ws(
        '|', {{ text }}.board_id, cast({{ text }}.document_id as varchar), {{ text }}.place, {{ text }}.text_key,
        cast({{ text }}.text_ordinal as varchar), cast({{ char_start }} as varchar), cast({{ char_end }} as varchar)
    ))
{%- endmacro %}

{# The instant at which the calendar day `day` ends on a clock in `zone`. #}
{% macro end_of_day(day, zone) %}{{ return(adapter.dispatch('end_of_day')(day, zone)) }}{% endmacro %}
{% macro default__end_of_day(day, zone) -%}
timezone({{ zone }}, cast({{ day }} + 1 as timestamp))
{%- endmacro %}

{# Hours from one instant to another, as a DOUBLE. #}
{% macro hours_between(earlier, later) %}{{ return(adapter.dispatch('hours_between')(earlier, later)) }}{% endmacro %}
{% macro default__hours_between(earlier, later) -%}
(epoch({{ later }}) - epoch({{ earlier }})) / 3600
{%- endmacro %}
