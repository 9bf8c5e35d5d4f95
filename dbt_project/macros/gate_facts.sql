{# What a page cannot mean: a blank text, an HTML tag or entity left in, a character that its encoding lost (U+FFFD). Tags by name, for
   titles write <KBS 뉴스> and <AI 시대>. #}
{% macro is_clean_text(text) %}{{ return(adapter.dispatch('is_clean_text')(text)) }}{% endmacro %}
{% macro default__is_clean_text(text) -%}
(
    trim({{ text }}) <> ''
    and strpos({{ text }}, chr(65533)) = 0
    and not regexp_matches({{ text }}, '&(amp|lt|gt|quot|nbsp|#[0-9]+|#x[0-9a-fA-F]+);')
    and not regexp_matches(
        lower({{ text }}),
        '</?(a|abbr|b|blockquote|br|button|code|dd|div|dl|dt|em|figcaption|figure|font|form|h[1-6]|hr|i|iframe|img|input|label|li|link|meta|ol|option|p|pre|s|script|select|small|span|strong|style|sub|sup|table|tbody|td|textarea|th|thead|tr|u|ul|video)([ \t\r\n][^<>]*)?/?>'
    )
)
{%- endmacro %}
