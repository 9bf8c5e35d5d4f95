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

refused as (select board_id, document_id, read_at, 1 as is_refused from {{ ref('stg_refused_versions') }}),

-- The reads of documents of which gates refused a version, in stretches of equal content.
doubtful as (
    select
        readings.board_id, readings.document_id, readings.read_at, refused.is_refused,
        case when published.document_id is not null then 1 end as is_accepted,
        case
            when lag(readings.content_hash) over (partition by readings.board_id, readings.document_id order by readings.read_at)
                = readings.content_hash then 0
            else 1
        end as is_change
    from readings
    inner join (select distinct board_id, document_id from refused) as concerned
        on concerned.board_id = readings.board_id and concerned.document_id = readings.document_id
    left join refused
        on refused.board_id = readings.board_id
        and refused.document_id = readings.document_id
        and refused.read_at = readings.read_at
    left join published
        on published.board_id = readings.board_id
        and published.document_id = readings.document_id
        and published.valid_from_at = readings.read_at
),

stretches as (
    select
        *,
        sum(is_change) over (partition by board_id, document_id order by read_at rows between unbounded preceding and current row)
            as stretch
    from doubtful
),

-- A post that is deleted, moved or secret since then will not show the text again.
withdrawn as (
    select board_id, document_id, max(fetched_at) as withdrawn_at
    from {{ ref('stg_article_reads') }}
    where outcome in ('deleted', 'moved', 'secret')
    group by board_id, document_id
),

-- A refused version counts as none, but for the newest: that is judged again in each run, until it passes or another follows.
left_out as (
    select stretches.board_id, stretches.document_id, stretches.read_at
    from stretches
    inner join (
        select
            weighed.board_id, weighed.document_id, weighed.stretch,
            max(weighed.is_refused) as is_refused,
            max(weighed.is_accepted) as is_accepted,
            max(weighed.last_stretch) as last_stretch,
            max(weighed.read_at) as last_read_at
        from (
            select *, max(stretch) over (partition by board_id, document_id) as last_stretch from stretches
        ) as weighed
        group by weighed.board_id, weighed.document_id, weighed.stretch
    ) as states
        on states.board_id = stretches.board_id
        and states.document_id = stretches.document_id
        and states.stretch = stretches.stretch
    left join withdrawn on withdrawn.board_id = states.board_id and withdrawn.document_id = states.document_id
    where states.is_refused = 1
        and states.is_accepted is null
        and (states.stretch < states.last_stretch or withdrawn.withdrawn_at > states.last_read_at)
),

accepted as (
    select readings.*
    from readings
    left join left_out
        on left_out.board_id = readings.board_id
        and left_out.document_id = readings.document_id
        and left_out.read_at = readings.read_at
    where left_out.document_id is null
),

changes as (
    select
        *,
        case
            when lag(content_hash) over (partition by board_id, document_id order by read_at) = content_hash then 0
            else 1
        end as is_change
    from accepted
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
