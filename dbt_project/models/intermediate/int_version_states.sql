with

landed as (select * from {{ ref('stg_article_reads') }} where outcome = 'read'),

published as (select * from {{ ref('stg_published_article_versions') }}),

-- Reads of one instant are one page landed twice under two names.
landed_once as (
    select *
    from (
        select *, row_number() over (partition by board_id, document_id, fetched_at order by response_id) as nth
        from landed
    ) as ranked
    where nth = 1
),

-- A published version is one more read, at the instant from which it is valid, unless that read is still in the landing.
readings as (
    select
        board_id, document_id, response_id, purpose, fetched_at as read_at, fetched_at as read_until_at,
        {{ day_in_zone('published_at', 'time_zone') }} as published_on,
        url, title, author, date_text, published_at, published_precision, source, image_count, content_hash, blocks,
        cast(null as varchar) as published_body_text, cast(null as date) as published_listed_on
    from landed_once
    union all
    select
        published.board_id, published.document_id, null, null, published.valid_from_at, published.last_fetched_at,
        null,
        published.url, published.title, published.author, null, published.published_at, published.published_precision,
        published.source, published.image_count, published.content_hash, null,
        published.body_text, published.listed_on
    from published
    left join landed_once
        on landed_once.board_id = published.board_id
        and landed_once.document_id = published.document_id
        and landed_once.fetched_at = published.valid_from_at
    where landed_once.document_id is null
),

changes as (
    select
        *,
        case
            when lag(content_hash) over (partition by board_id, document_id order by read_at) = content_hash then 0
            else 1
        end as is_change
    from readings
),

numbered as (
    select
        *,
        sum(is_change) over (partition by board_id, document_id order by read_at rows between unbounded preceding and current row)
            as version
    from changes
),

-- The first read of a version is its row: a later read of equal content adds a stamp and nothing else.
placed as (
    select
        *,
        row_number() over (partition by board_id, document_id, version order by read_at) as nth,
        max(read_until_at) over (partition by board_id, document_id, version) as version_read_until_at,
        min(read_at) over (partition by board_id, document_id) as first_read_at,
        last_value(purpose ignore nulls) over (
            partition by board_id, document_id order by read_at rows between unbounded preceding and unbounded following
        ) as latest_purpose
    from numbered
),

firsts as (select * from placed where nth = 1)

select
    firsts.board_id,
    firsts.document_id,
    cast(firsts.version as integer) as version,
    firsts.response_id,
    firsts.latest_purpose,
    firsts.url,
    firsts.title,
    firsts.author,
    firsts.date_text,
    firsts.published_at,
    firsts.published_precision,
    firsts.published_on,
    firsts.source,
    firsts.image_count,
    firsts.content_hash,
    firsts.blocks,
    firsts.published_body_text,
    firsts.published_listed_on,
    firsts.first_read_at as first_fetched_at,
    greatest(firsts.version_read_until_at, published.last_fetched_at) as last_fetched_at,
    firsts.read_at as valid_from_at,
    lead(firsts.read_at) over (partition by firsts.board_id, firsts.document_id order by firsts.read_at) as valid_to_at
from firsts
left join published
    on published.board_id = firsts.board_id
    and published.document_id = firsts.document_id
    and published.valid_from_at = firsts.read_at
    and published.content_hash = firsts.content_hash
