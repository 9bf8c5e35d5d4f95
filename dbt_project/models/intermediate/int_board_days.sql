with

facts as (select * from {{ ref('int_board_day_facts') }}),

published as (select * from {{ ref('stg_published_board_day_facts') }}),

thresholds as (
    select
        cast(max(case when name = 'weekday_weeks' then value end) as integer) as weekday_weeks,
        max(case when name = 'least_spread_share' then value end) as least_spread_share,
        max(case when name = 'small_board_rows' then value end) as small_board_rows,
        cast(max(case when name = 'silence_days' then value end) as integer) as silence_days,
        max(case when name = 'least_silence_hours' then value end) as least_silence_hours
    from {{ ref('habit_thresholds') }}
),

-- What was published says what is usual; only where it has no such day do the other days of the run say it (a first backfill).
known as (
    select board_id, listed_on, row_count from published
    union all
    select facts.board_id, facts.listed_on, facts.row_count
    from facts
    left join published on published.board_id = facts.board_id and published.listed_on = facts.listed_on
    where facts.is_closed and published.board_id is null
),

same_weekdays as (
    select
        facts.board_id,
        facts.listed_on,
        known.row_count,
        median(known.row_count) over (partition by facts.board_id, facts.listed_on) as usual_row_count
    from facts
    cross join thresholds
    inner join known
        on known.board_id = facts.board_id
        and known.listed_on < facts.listed_on
        and known.listed_on >= facts.listed_on - 7 * thresholds.weekday_weeks
        and mod(facts.listed_on - known.listed_on, 7) = 0
),

-- The spread is the median distance from the median, as that of a normal distribution (1.4826); at least that of counts, their root.
volumes as (
    select
        board_id,
        listed_on,
        same_weekday_count,
        usual_row_count,
        greatest(1.4826 * median_distance, sqrt(usual_row_count), least_spread_share * usual_row_count, 1) as spread
    from (
        select
            board_id,
            listed_on,
            count(*) as same_weekday_count,
            max(usual_row_count) as usual_row_count,
            median(abs(row_count - usual_row_count)) as median_distance
        from same_weekdays
        group by board_id, listed_on
    ) as weekdays
    cross join thresholds
),

-- From the newest post of the board to the end of the day, across days on which it wrote nothing.
posts as (
    select board_id, listed_on, newest_post_at, is_closed from facts
    union all
    select published.board_id, published.listed_on, published.newest_post_at, true as is_closed
    from published
    left join facts on facts.board_id = published.board_id and facts.listed_on = published.listed_on
    where facts.board_id is null
),

silences as (
    select
        board_id,
        listed_on,
        is_closed,
        greatest({{ hours_between('newest_so_far_at', 'ends_at') }}, 0) as silence_hours
    from (
        select
            posts.board_id,
            posts.listed_on,
            posts.is_closed,
            {{ end_of_day('posts.listed_on', 'boards.time_zone') }} as ends_at,
            max(posts.newest_post_at) over (
                partition by posts.board_id order by posts.listed_on rows between unbounded preceding and current row
            ) as newest_so_far_at
        from posts
        inner join {{ ref('stg_boards') }} as boards on boards.board_id = posts.board_id
    ) as newest
    where newest_so_far_at is not null
),

habits as (
    select
        facts.board_id,
        facts.listed_on,
        count(*) as silence_day_count,
        max(silences.silence_hours) as longest_silence_hours
    from facts
    cross join thresholds
    inner join silences
        on silences.board_id = facts.board_id
        and silences.is_closed
        and silences.listed_on < facts.listed_on
        and silences.listed_on >= facts.listed_on - thresholds.silence_days
    group by facts.board_id, facts.listed_on
),

compared as (
    select
        facts.*,
        coalesce(volumes.same_weekday_count, 0) as same_weekday_count,
        volumes.usual_row_count,
        (facts.row_count - volumes.usual_row_count) / volumes.spread as deviation,
        case
            when volumes.usual_row_count is null then null
            when volumes.usual_row_count >= thresholds.small_board_rows then facts.row_count / volumes.usual_row_count
            else greatest(facts.row_count / thresholds.small_board_rows, 1)
        end as ratio,
        silences.silence_hours,
        coalesce(habits.silence_day_count, 0) as silence_day_count,
        habits.longest_silence_hours,
        silences.silence_hours / greatest(habits.longest_silence_hours, thresholds.least_silence_hours) as silence_ratio
    from facts
    cross join thresholds
    left join volumes on volumes.board_id = facts.board_id and volumes.listed_on = facts.listed_on
    left join silences on silences.board_id = facts.board_id and silences.listed_on = facts.listed_on
    left join habits on habits.board_id = facts.board_id and habits.listed_on = facts.listed_on
)

select
    board_id,
    listed_on,
    completeness,
    is_closed,
    listed_row_count,
    row_count,
    article_count,
    fact_count,
    listed_row_count > 0 and row_count = 0 as is_row_lost,
    unread_list_count,
    unread_article_count,
    -- One page that cannot be read is no board that changed, however few the day has.
    case when unread_article_count <= 1 then 0 else cast(unread_article_count as double) / answered_article_count end
        as unread_article_share,
    same_weekday_count,
    usual_row_count,
    -- Of an open day only that it is too full can be said; of saved pages nothing.
    case when is_closed then deviation when completeness = 'complete' and deviation is not null then greatest(deviation, 0) end
        as row_count_deviation,
    case when is_closed then ratio when completeness = 'complete' and ratio is not null then greatest(ratio, 1) end
        as row_count_ratio,
    newest_post_at,
    case when is_closed then silence_hours end as silence_hours,
    silence_day_count,
    longest_silence_hours,
    case when is_closed then silence_ratio end as silence_ratio
from compared
