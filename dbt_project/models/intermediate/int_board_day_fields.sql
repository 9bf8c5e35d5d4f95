{% set list_fields = ['post_no', 'author', 'category', 'comment_count', 'view_count'] %}
{% set article_fields = ['title', 'author', 'published_at', 'category', 'source', 'image'] %}

with

facts as (select board_id, listed_on, is_closed from {{ ref('int_board_day_facts') }}),

published as (select * from {{ ref('stg_published_board_day_fields') }}),

thresholds as (
    select
        cast(max(case when name = 'field_days' then value end) as integer) as field_days,
        cast(max(case when name = 'field_weeks' then value end) as integer) as field_weeks,
        max(case when name = 'field_rows' then value end) as field_rows,
        max(case when name = 'field_chance' then value end) as field_chance
    from {{ ref('habit_thresholds') }}
),

-- What the pages of the run show, not what is known of the documents: an author known from last week hides that the column is gone.
-- The row marked » has no number, a notice neither number nor category.
listing_rows as (
    select pages.board_id, rows_shown.*
    from {{ ref('stg_listing_rows') }} as rows_shown
    inner join {{ ref('stg_pages') }} as pages on pages.response_id = rows_shown.response_id
    where pages.is_judged and not rows_shown.is_notice and not rows_shown.is_current
),

list_counts as (
    select
        board_id,
        listed_on,
        count(distinct document_id) as seen_count
        {%- for field in list_fields %},
        count(distinct case when {{ field }} is not null then document_id end) as {{ field }}_count
        {%- endfor %}
    from listing_rows
    group by board_id, listed_on
),

articles as (
    select reads.*, documents.listed_on
    from (
        select
            *,
            case when image_count > 0 then image_count end as image,
            row_number() over (partition by board_id, document_id order by fetched_at desc, response_id desc) as nth
        from {{ ref('stg_article_reads') }}
        where outcome = 'read'
    ) as reads
    inner join {{ ref('int_documents') }} as documents
        on documents.board_id = reads.board_id and documents.document_id = reads.document_id
    where reads.nth = 1
),

article_counts as (
    select
        board_id,
        listed_on,
        count(*) as seen_count
        {%- for field in article_fields %},
        count({{ field }}) as {{ field }}_count
        {%- endfor %}
    from articles
    group by board_id, listed_on
),

counts as (
    {%- for field in list_fields %}
    select board_id, listed_on, 'list.{{ field }}' as field, seen_count, {{ field }}_count as filled_count from list_counts
    union all
    {%- endfor %}
    {%- for field in article_fields %}
    select board_id, listed_on, 'article.{{ field }}' as field, seen_count, {{ field }}_count as filled_count from article_counts
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

current_days as (
    select counts.*, facts.is_closed
    from counts
    inner join facts on facts.board_id = counts.board_id and facts.listed_on = counts.listed_on
    where counts.seen_count > 0
),

known as (
    select board_id, listed_on, field, seen_count, filled_count from published
    union all
    select current_days.board_id, current_days.listed_on, current_days.field, current_days.seen_count, current_days.filled_count
    from current_days
    left join published
        on published.board_id = current_days.board_id
        and published.listed_on = current_days.listed_on
        and published.field = current_days.field
    where current_days.is_closed and published.board_id is null
),

recent as (
    select
        current_days.board_id,
        current_days.listed_on,
        current_days.field,
        cast(known.filled_count as double) / known.seen_count as filled_share,
        row_number() over (
            partition by current_days.board_id, current_days.listed_on, current_days.field order by known.listed_on desc
        ) as nth
    from current_days
    cross join thresholds
    inner join known
        on known.board_id = current_days.board_id
        and known.field = current_days.field
        and known.listed_on < current_days.listed_on
        and known.listed_on >= current_days.listed_on - 7 * thresholds.field_weeks
    where known.seen_count >= thresholds.field_rows
),

habits as (
    select board_id, listed_on, field, count(*) as history_day_count, min(filled_share) as usual_share
    from recent
    cross join thresholds
    where nth <= thresholds.field_days
    group by board_id, listed_on, field
),

-- How likely so few are filled by chance, where each page has the field with the usual share: at most e to the minus pages times the
-- relative entropy of the two shares (Chernoff). The shares are kept off 0 and 1, where that is infinite.
chances as (
    select
        current_days.*,
        cast(current_days.filled_count as double) / current_days.seen_count as filled_share,
        coalesce(habits.history_day_count, 0) as history_day_count,
        habits.usual_share,
        least(greatest(cast(current_days.filled_count as double) / current_days.seen_count, 0.001), 0.999) as shown,
        least(greatest(habits.usual_share, 0.001), 0.999) as usual
    from current_days
    left join habits
        on habits.board_id = current_days.board_id
        and habits.listed_on = current_days.listed_on
        and habits.field = current_days.field
),

compared as (
    select
        chances.*,
        seen_count >= field_rows
        and shown < usual
        and exp(-seen_count * (shown * ln(shown / usual) + (1 - shown) * ln((1 - shown) / (1 - usual)))) < field_chance as is_told
    from chances
    cross join thresholds
)

select
    board_id,
    listed_on,
    field,
    is_closed,
    seen_count,
    filled_count,
    filled_share,
    history_day_count,
    usual_share,
    not coalesce(is_told and filled_share < usual_share / 10, false) as is_still_filled,
    not coalesce(is_told and filled_share < usual_share / 2 and filled_share >= usual_share / 10, false) as is_filled_as_usual
from compared
