with

scope as (select * from {{ ref('stg_scope') }}),

pages as (select * from {{ ref('stg_pages') }}),

judged_sightings as (
    select
        sightings.board_id, sightings.document_id, sightings.listed_on, sightings.fetched_at, sightings.fetched_on, sightings.response_id
    from {{ ref('int_sightings') }} as sightings
    inner join pages on pages.response_id = sightings.response_id
    where pages.is_judged and sightings.listed_on is not null
),

-- Of a document that moved while the run read, the later day counts: that is where its row is.
listed as (
    select board_id, listed_on, count(*) as listed_row_count
    from (
        select *, row_number() over (partition by board_id, document_id order by fetched_at desc, response_id desc) as nth
        from judged_sightings
    ) as ranked
    where nth = 1
    group by board_id, listed_on
),

-- A day is closed when the lists that show it were read after its end; one that no list shows, when any list was.
read_days as (
    select board_id, listed_on, max(fetched_on) as read_on from judged_sightings group by board_id, listed_on
),

read_boards as (select board_id, max(fetched_on) as read_on from pages where is_judged group by board_id),

row_counts as (
    select board_id, listed_on, count(*) as row_count from {{ ref('int_board_rows') }} group by board_id, listed_on
),

article_counts as (
    select
        board_id,
        listed_on,
        count(*) as article_count,
        max(case when published_precision in ('second', 'minute') and published_on = listed_on then published_at end) as newest_post_at
    from {{ ref('int_articles') }}
    group by board_id, listed_on
),

fact_counts as (
    select board_id, listed_on, count(*) as fact_count from {{ ref('int_currency_facts') }} group by board_id, listed_on
),

-- An unread list may have held any day of its board.
unread_lists as (
    select board_id, count(*) as page_count
    from pages
    where is_judged and (kind = 'none' or not is_complete)
    group by board_id
),

latest_answers as (
    select *
    from (
        select
            board_id, document_id, outcome,
            row_number() over (partition by board_id, document_id order by fetched_at desc, response_id desc) as nth
        from {{ ref('stg_article_reads') }}
    ) as ranked
    where nth = 1
),

answers as (
    select
        documents.board_id,
        documents.listed_on,
        count(*) as answered_count,
        sum(case when latest_answers.outcome = 'unreadable' then 1 else 0 end) as unread_count
    from {{ ref('int_documents') }} as documents
    inner join latest_answers
        on latest_answers.board_id = documents.board_id and latest_answers.document_id = documents.document_id
    group by documents.board_id, documents.listed_on
)

select
    scope.board_id,
    scope.listed_on,
    scope.completeness,
    coalesce(listed.listed_row_count, 0) as listed_row_count,
    coalesce(row_counts.row_count, 0) as row_count,
    coalesce(article_counts.article_count, 0) as article_count,
    coalesce(fact_counts.fact_count, 0) as fact_count,
    coalesce(unread_lists.page_count, 0) as unread_list_count,
    cast(coalesce(answers.unread_count, 0) as bigint) as unread_article_count,
    coalesce(answers.answered_count, 0) as answered_article_count,
    {{ end_of_day('scope.listed_on', 'boards.time_zone') }} as ends_at,
    -- Where no article says its time, a post counts as one of the last minute: nothing is known against it.
    coalesce(
        article_counts.newest_post_at,
        case when row_counts.row_count > 0 then {{ end_of_day('scope.listed_on', 'boards.time_zone') }} end
    ) as newest_post_at,
    scope.completeness = 'complete' and coalesce(read_days.read_on, read_boards.read_on, scope.listed_on) > scope.listed_on as is_closed
from scope
inner join {{ ref('stg_boards') }} as boards on boards.board_id = scope.board_id
left join listed on listed.board_id = scope.board_id and listed.listed_on = scope.listed_on
left join read_days on read_days.board_id = scope.board_id and read_days.listed_on = scope.listed_on
left join read_boards on read_boards.board_id = scope.board_id
left join row_counts on row_counts.board_id = scope.board_id and row_counts.listed_on = scope.listed_on
left join article_counts on article_counts.board_id = scope.board_id and article_counts.listed_on = scope.listed_on
left join fact_counts on fact_counts.board_id = scope.board_id and fact_counts.listed_on = scope.listed_on
left join unread_lists on unread_lists.board_id = scope.board_id
left join answers on answers.board_id = scope.board_id and answers.listed_on = scope.listed_on
