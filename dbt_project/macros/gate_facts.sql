{# What a page cannot mean: a blank text, an HTML tag or entity left in, a character that its encoding lost (U+FFFD), bytes read in
   another encoding. Tags by name, for titles write <KBS 뉴스> and <AI 시대>. #}
{% macro is_clean_text(text) %}{{ return(adapter.dispatch('is_clean_text')(text)) }}{% endmacro %}
{% macro default__is_clean_text(text) -%}
(
    trim({{ text }}) <> ''
    and strpos({{ text }}, chr(65533)) = 0
    and not {{ is_misread(text) }}
    and not regexp_matches({{ text }}, '&(amp|lt|gt|quot|nbsp|#[0-9]+|#x[0-9a-fA-F]+);')
    and not regexp_matches(
        lower({{ text }}),
        '</?(a|abbr|b|blockquote|br|button|code|dd|div|dl|dt|em|figcaption|figure|font|form|h[1-6]|hr|i|iframe|img|input|label|li|link|meta|ol|option|p|pre|s|script|select|small|span|strong|style|sub|sup|table|tbody|td|textarea|th|thead|tr|u|ul|video)([ \t\r\n][^<>]*)?/?>'
    )
)
{%- endmacro %}

{# Whether Korean was read in another encoding than it was written in. UTF-8 as Latin-1 or Windows-1252: a syllable is one of ê ë ì í and
   two characters of 80 to BF; CP949 as Latin-1: pairs of B0 to C8 and A1 to FE; UTF-8 as CP949: what no pair of bytes is becomes a
   question mark, and half of the syllables one of 124 Chinese characters. No language writes the first two, and of the third three in a
   line of at most thirty characters. The first test is one pass over the text, and nearly every text ends there. #}
{% macro is_misread(text) %}{{ return(adapter.dispatch('is_misread')(text)) }}{% endmacro %}
{% macro default__is_misread(text) -%}
case
        when regexp_matches({{ text }}, '[ê-í][\x{80}-\x{bf}€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|[À-È][\x{a1}-\x{fe}]')
            then regexp_matches({{ text }}, '([ê-í][\x{80}-\x{bf}€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]{2}.*){2}')
            or regexp_matches({{ text }}, '([\x{b0}-\x{c8}][\x{a1}-\x{fe}]){3}')
        when strpos({{ text }}, '?') > 0
            then length(regexp_replace({{ text }}, '[^{{ read_as_cp949() }}]', '', 'g')) >= greatest(3, length({{ text }}) / 10)
        else false
    end
{%- endmacro %}

{# Every character that the bytes EA to ED and A1 to BF are in CP949: how a Korean syllable in UTF-8 begins. #}
{% macro read_as_cp949() -%}
二亐仍仔以伊元刺剩原咨員園圓垣堉夷姉姨姿媛嫄子孕字孜寃已弛彛怡怨恣愿慈援毓沅洹湲源滋濡炙煮熊爰爾猶猷猿玆珥瑗瑜瓷由異疵痍癒磁移紫維者而耳肄肉自臾芿苑苡茨荑萸蔗蔚藉袁裕誘諛諭諮議踰蹂轅逾遊運遺酉醫釉鍮隕雄雲韻鬱琉留硫紐類六戮利吏履易李梨泥理痢罹立笠粒
{%- endmacro %}

{# The board that an address names: mid=news, or the last word before the document's number. Null where it names none. #}
{% macro mid_of(url) %}{{ return(adapter.dispatch('mid_of')(url)) }}{% endmacro %}
{% macro default__mid_of(url) -%}
lower(coalesce(
        nullif(regexp_extract({{ url }}, '[?&]mid=([A-Za-z0-9_-]+)', 1), ''),
        nullif(
            regexp_extract(
                regexp_replace({{ url }}, '/(category|page|tag|comment)/[^/?#]+', '', 'g'),
                '^https?://[^/?#]+/(?:[^?#]*/)?([A-Za-z][A-Za-z0-9_-]*)(?:/[0-9]+)?/?(?:[?#]|$)',
                1
            ),
            ''
        )
    ))
{%- endmacro %}

{# A line of a page around the article: a row of its list, the list's head, a bare date with a time (of a comment), words of menus. #}
{% macro is_page_part(text) %}{{ return(adapter.dispatch('is_page_part')(text)) }}{% endmacro %}
{% macro default__is_page_part(text) -%}
(
    length({{ text }}) < 300
    and regexp_matches(
        {{ text }},
        '^(([0-9,]+|공지|») .+ [0-9]{4}\.[0-9]{2}\.[0-9]{2}( [0-9,]+)*|번호 (분류 )?제목 글쓴이 날짜.*|[0-9]{4}\.[0-9]{2}\.[0-9]{2} [0-9]{2}:[0-9]{2}|댓글( ?[0-9]+)?|목록|쓰기|글쓰기|이전글|다음글|이전 글|다음 글|로그인|회원가입|메뉴 건너뛰기|본문 바로가기|첫 페이지 .*끝 페이지|이 게시물을)$'
    )
)
{%- endmacro %}

{# A second, plain reading of an amount that begins with a number and 만, 억 or 조: 14조5000억원 lies from 14조 to 15조. Null amounts and
   all other forms pass. #}
{% macro is_amount_of_text(amount, text) %}{{ return(adapter.dispatch('is_amount_of_text')(amount, text)) }}{% endmacro %}
{% macro default__is_amount_of_text(amount, text) -%}
coalesce(
        cast({{ amount }} as double)
            / case regexp_extract({{ text }}, '^[0-9][0-9,]*(?:\.[0-9]+)? ?([조억만])', 1) when '조' then 1e12 when '억' then 1e8 when '만' then 1e4 end
        - try_cast(replace(regexp_extract({{ text }}, '^[0-9][0-9,]*(?:\.[0-9]+)?', 0), ',', '') as double) between -1e-6 and 1,
        true
    )
{%- endmacro %}

{# Whether the word for the money allows the currency. A dollar may be a Canadian one; 원 is won, of either Korea. #}
{% macro is_currency_of_text(currency, text) %}{{ return(adapter.dispatch('is_currency_of_text')(currency, text)) }}{% endmacro %}
{% macro default__is_currency_of_text(currency, text) -%}
case
        when regexp_matches({{ text }}, '달러|[$]') then {{ currency }} not in ('KRW', 'JPY', 'EUR', 'CNY', 'GBP')
        when regexp_matches({{ text }}, '유로|€') then {{ currency }} = 'EUR'
        when regexp_matches({{ text }}, '위안') then {{ currency }} = 'CNY'
        when regexp_matches({{ text }}, '엔$') then {{ currency }} = 'JPY'
        when regexp_matches({{ text }}, '원$') then {{ currency }} in ('KRW', 'KPW')
        else true
    end
{%- endmacro %}
