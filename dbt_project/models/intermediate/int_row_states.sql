with

sightings as (select * from {{ ref('int_sightings') }}),

answers as (select * from {{ ref('stg_article_reads') }}),

published as (select * from {{ ref('stg_published_board_rows') }}),

-- What was published counts as one more sighting, at the instant when it was last seen; a landed sighting of that instant or a
-- later one says the same or more.
observations as (
    select
        board_id, document_id, response_id, fetched_at as seen_at, fetched_on, true as is_landed,
        view = 'all' and not is_current and not is_notice as is_ranked,
        post_no, is_notice, url, title, author, date_text, listed_on, category, comment_count, view_count
    from sightings
    union all
    select
        board_id, document_id, null, last_seen_at, null, false,
        true,
        post_no, is_notice, url, title, author, null, listed_on, category, comment_count, view_count
    from published
),

latest as (
    select *
    from (
        select
            *,
            row_number() over (partition by board_id, document_id order by seen_at desc, is_landed desc, response_id desc) as nth
        from observations
    ) as ranked
    where nth = 1
),

latest_dated as (
    select board_id, document_id, listed_on
    from (
        select
            board_id, document_id, listed_on,
            row_number() over (partition by board_id, document_id order by seen_at desc, is_landed desc, response_id desc) as nth
        from observations
        where listed_on is not null
    ) as ranked
    where nth = 1
),

-- A search or a category numbers its own rows, and » stands where a number would: neither is the rank on the board.
latest_ranked as (
    select board_id, document_id, post_no
    from (
        select
            board_id, document_id, post_no,
            row_number() over (partition by board_id, document_id order by seen_at desc, is_landed desc, response_id desc) as nth
        from observations
        where is_ranked and post_no is not null
    ) as ranked
    where nth = 1
),

landed_span as (
    select board_id, document_id, min(fetched_at) as first_at, max(fetched_at) as last_at
    from sightings
    group by board_id, document_id
),

-- What settles a status: an answer to a request, or a secret icon. A row without the icon settles nothing: skins differ in
-- showing it. When a published secret was settled is not kept, so it yields to any landed event.
events as (
    select board_id, document_id, response_id, fetched_at as settled_at, 2 as weight,
        case outcome when 'read' then 'listed' else outcome end as status
    from answers
    where outcome in ('read', 'secret', 'deleted', 'moved')
    union all
    select board_id, document_id, response_id, fetched_at, 1, 'secret'
    from sightings
    where is_secret
    union all
    select board_id, document_id, null, case status when 'secret' then first_seen_at else last_seen_at end, 0, status
    from published
    where status <> 'listed'
),

settled as (
    select *
    from (
        select
            *,
            row_number() over (partition by board_id, document_id order by settled_at desc, weight desc, response_id desc) as nth
        from events
    ) as ranked
    where nth = 1
),

-- Skins that show a category only above the article.
read_category as (
    select board_id, document_id, category
    from (
        select
            board_id, document_id, category,
            row_number() over (partition by board_id, document_id order by fetched_at desc, response_id desc) as nth
        from answers
        where category is not null
    ) as ranked
    where nth = 1
)

select
    latest.board_id,
    latest.document_id,
    case when not latest.is_notice then latest_ranked.post_no end as post_no,
    latest.is_notice,
    latest.title,
    {{ title_tags('latest.title') }} as title_tags,
    coalesce(latest.category, read_category.category) as category,
    latest.author,
    latest_dated.listed_on,
    latest.comment_count,
    latest.view_count,
    latest.url,
    case
        when settled.status is null then 'listed'
        when settled.status in ('deleted', 'moved') and latest.seen_at > settled.settled_at then 'listed'
        else settled.status
    end as status,
    least(landed_span.first_at, published.first_seen_at) as first_seen_at,
    greatest(landed_span.last_at, published.last_seen_at) as last_seen_at,
    latest.response_id as latest_response_id,
    latest.date_text,
    latest.fetched_on
from latest
inner join latest_dated
    on latest_dated.board_id = latest.board_id and latest_dated.document_id = latest.document_id
left join latest_ranked
    on latest_ranked.board_id = latest.board_id and latest_ranked.document_id = latest.document_id
left join landed_span
    on landed_span.board_id = latest.board_id and landed_span.document_id = latest.document_id
left join published
    on published.board_id = latest.board_id and published.document_id = latest.document_id
left join settled
    on settled.board_id = latest.board_id and settled.document_id = latest.document_id
left join read_category
    on read_category.board_id = latest.board_id and read_category.document_id = latest.document_id
