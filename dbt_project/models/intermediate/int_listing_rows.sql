with

pages as (select * from {{ ref('stg_pages') }} where is_judged),

listing_rows as (select * from {{ ref('stg_listing_rows') }}),

scope as (select * from {{ ref('stg_scope') }}),

judged as (
    select
        pages.response_id,
        pages.board_id,
        pages.view,
        pages.page_no,
        pages.fetched_on,
        listing_rows.position,
        listing_rows.post_no,
        listing_rows.is_notice,
        listing_rows.is_current,
        listing_rows.document_id,
        listing_rows.title,
        listing_rows.author,
        listing_rows.date_text,
        listing_rows.listed_on as row_listed_on,
        scope.listed_on as scope_on
    from pages
    inner join listing_rows on listing_rows.response_id = pages.response_id
    left join scope on scope.board_id = pages.board_id and scope.listed_on = listing_rows.listed_on
),

-- A row outside the scope, or without a readable day, counts against the day of the nearest row above that is in it, else below.
attributed as (
    select
        *,
        coalesce(
            scope_on,
            last_value(scope_on ignore nulls) over (
                partition by response_id order by position rows between unbounded preceding and current row
            ),
            first_value(scope_on ignore nulls) over (
                partition by response_id order by position rows between current row and unbounded following
            )
        ) as judged_on
    from judged
),

-- The row marked » holds a place, so its neighbours' numbers are two apart; a notice stands above the list and holds none.
placed as (
    select
        *,
        sum(case when is_notice then 0 else 1 end) over (
            partition by response_id order by position rows between unbounded preceding and current row
        ) as place,
        max(post_no) over (partition by response_id) is not null as is_numbered
    from attributed
),

neighbours as (
    select
        *,
        last_value(case when not is_notice then post_no end ignore nulls) over (
            partition by response_id order by position rows between unbounded preceding and 1 preceding
        ) as previous_post_no,
        last_value(case when not is_notice and post_no is not null then place end ignore nulls) over (
            partition by response_id order by position rows between unbounded preceding and 1 preceding
        ) as previous_place,
        last_value(case when not is_notice then row_listed_on end ignore nulls) over (
            partition by response_id order by position rows between unbounded preceding and 1 preceding
        ) as previous_listed_on
    from placed
)

select
    response_id,
    board_id,
    judged_on as listed_on,
    row_listed_on,
    position,
    view,
    page_no,
    post_no,
    is_notice,
    is_current,
    document_id,
    title,
    coalesce({{ is_clean_text('title') }}, false) as is_title_clean,
    author,
    date_text,
    row_listed_on is not null and coalesce({{ is_known_date_form('date_text') }}, false) as is_date_well_formed,
    fetched_on,
    fetched_on - row_listed_on as days_before_fetch,
    case
        when view = 'all' and not is_notice
            then cast((previous_post_no - post_no) - (place - previous_place) + 1 as integer)
    end as post_no_step,
    case when not is_notice and view <> 'sorted' then row_listed_on - previous_listed_on end as day_step,
    view = 'all' and is_numbered and not is_notice and not is_current and post_no is null as is_post_no_missing
from neighbours
where judged_on is not null
