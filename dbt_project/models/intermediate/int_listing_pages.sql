with

listing_rows as (select * from {{ ref('int_listing_rows') }}),

pages as (select response_id, purpose, url, last_page from {{ ref('stg_pages') }} where is_judged),

views as (select response_id, position, view_count from {{ ref('stg_listing_rows') }}),

posts as (
    select
        listing_rows.*,
        views.view_count,
        row_number() over (partition by listing_rows.response_id order by listing_rows.position) as nth_from_top,
        row_number() over (partition by listing_rows.response_id order by listing_rows.position desc) as nth_from_end,
        -- Where » stands, the neighbour says the number.
        coalesce(
            listing_rows.post_no,
            lag(listing_rows.post_no) over (partition by listing_rows.response_id order by listing_rows.position) - 1,
            lead(listing_rows.post_no) over (partition by listing_rows.response_id order by listing_rows.position) + 1
        ) as place_no
    from listing_rows
    inner join views on views.response_id = listing_rows.response_id and views.position = listing_rows.position
    where not listing_rows.is_notice
),

ranked as (select * from posts where view = 'all' and place_no is not null),

places as (
    select
        board_id,
        place_no,
        listed_on,
        lag(place_no) over (partition by board_id order by place_no) as lower_no,
        lead(place_no) over (partition by board_id order by place_no) as upper_no
    from (select board_id, place_no, max(row_listed_on) as listed_on from ranked group by board_id, place_no) as distinct_places
),

scope as (select board_id, listed_on from {{ ref('stg_scope') }}),

-- A number that no list shows lies between two lists. Only where both sides are of days that were asked for: other lists were read
-- to find the days, and nobody read what lies between those.
holes as (
    select upper_side.board_id, upper_side.place_no as above_no, lower_side.place_no as below_no
    from places as upper_side
    inner join places as lower_side
        on lower_side.board_id = upper_side.board_id
        and lower_side.place_no = upper_side.lower_no
        and lower_side.place_no < upper_side.place_no - 1
    inner join scope as upper_scope
        on upper_scope.board_id = upper_side.board_id and upper_scope.listed_on = upper_side.listed_on
    inner join scope as lower_scope
        on lower_scope.board_id = lower_side.board_id and lower_scope.listed_on = lower_side.listed_on
),

-- A row that moved from one list to another while they were read joins them, whatever their numbers.
moved as (
    select board_id, document_id
    from ranked
    group by board_id, document_id
    having count(distinct response_id) > 1
),

ends as (
    select
        ranked.response_id,
        ranked.listed_on,
        max(case when ranked.nth_from_end = 1 then above.above_no - above.below_no - 1 end) as unseen_below,
        max(case when ranked.nth_from_top = 1 then below.above_no - below.below_no - 1 end) as unseen_above
    from ranked
    left join holes as above on above.board_id = ranked.board_id and above.above_no = ranked.place_no
    left join holes as below on below.board_id = ranked.board_id and below.below_no = ranked.place_no
    left join moved on moved.board_id = ranked.board_id and moved.document_id = ranked.document_id
    where (ranked.nth_from_end = 1 or ranked.nth_from_top = 1) and moved.document_id is null
    group by ranked.response_id, ranked.listed_on
),

shown_twice as (
    select board_id, document_id, min(place_no) as least_no, max(place_no) as most_no
    from ranked
    group by board_id, document_id
),

counted as (
    select
        posts.response_id,
        posts.board_id,
        posts.view,
        posts.page_no,
        posts.listed_on,
        max(posts.nth_from_top) as row_count,
        count(*) filter (where posts.post_no = posts.view_count) as views_like_number_count,
        count(*) filter (where posts.post_no is not null and posts.view_count is not null) as numbered_view_count,
        count(*) filter (where shown_twice.most_no >= 2 * shown_twice.least_no and shown_twice.most_no > shown_twice.least_no + 20)
            as halved_number_count
    from posts
    left join shown_twice on shown_twice.board_id = posts.board_id and shown_twice.document_id = posts.document_id
    group by posts.response_id, posts.board_id, posts.view, posts.page_no, posts.listed_on
),

whole as (
    select
        *,
        max(row_count) over (partition by response_id) as page_row_count,
        max(row_count) over (partition by board_id, view) as most_row_count
    from counted
)

select
    whole.response_id,
    whole.board_id,
    whole.listed_on,
    whole.view,
    whole.page_no,
    pages.last_page,
    cast(whole.page_row_count as bigint) as row_count,
    cast(case when whole.page_no < pages.last_page then whole.most_row_count - whole.page_row_count else 0 end as bigint) as missing_row_count,
    cast(coalesce(ends.unseen_below, 0) + coalesce(ends.unseen_above, 0) as bigint) as unseen_number_count,
    cast(whole.halved_number_count as bigint) as halved_number_count,
    cast(
        case when whole.views_like_number_count >= 3 and whole.views_like_number_count = whole.numbered_view_count
            then whole.views_like_number_count else 0
        end as bigint
    ) as views_like_number_count,
    coalesce(
        pages.purpose <> 'list'
        or whole.page_no is null
        or try_cast(nullif(regexp_extract(pages.url, '[?&]page=([0-9]+)', 1), '') as integer) = whole.page_no,
        true
    ) as is_page_asked
from whole
inner join pages on pages.response_id = whole.response_id
left join ends on ends.response_id = whole.response_id and ends.listed_on = whole.listed_on
