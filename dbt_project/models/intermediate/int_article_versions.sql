with

documents as (select * from {{ ref('int_documents') }}),

versions as (select * from {{ ref('int_version_states') }}),

bodies as (
    select
        board_id,
        document_id,
        version,
        string_agg(text, chr(10) order by block_position) filter (where kind in ('paragraph', 'heading')) as body_text,
        cast(count(*) as integer) as block_count
    from {{ ref('int_version_blocks') }}
    group by board_id, document_id, version
),

published as (select board_id, document_id, valid_from_at, block_count from {{ ref('stg_published_article_versions') }}),

texts as (
    select
        versions.*,
        documents.listed_on,
        documents.row_state,
        documents.version as current_version,
        coalesce(bodies.body_text, versions.published_body_text, '') as body_text,
        coalesce(bodies.block_count, published.block_count, 0) as block_count,
        lag(versions.valid_to_at) over (
            partition by versions.board_id, versions.document_id order by versions.version
        ) as previous_valid_to_at,
        lag(versions.version) over (
            partition by versions.board_id, versions.document_id order by versions.version
        ) as previous_version
    from documents
    inner join versions on versions.board_id = documents.board_id and versions.document_id = documents.document_id
    left join bodies
        on bodies.board_id = versions.board_id
        and bodies.document_id = versions.document_id
        and bodies.version = versions.version
    left join published
        on versions.blocks is null
        and published.board_id = versions.board_id
        and published.document_id = versions.document_id
        and published.valid_from_at = versions.valid_from_at
)

select
    board_id,
    document_id,
    version,
    url,
    title,
    author,
    published_at,
    published_precision,
    listed_on,
    source,
    body_text,
    block_count,
    image_count,
    cast(length(body_text) as integer) as char_count,
    content_hash,
    first_fetched_at,
    last_fetched_at,
    valid_from_at,
    valid_to_at,
    case
        when version = 1 then previous_version is null
        else previous_version = version - 1 and previous_valid_to_at = valid_from_at
    end as is_chained,
    row_number() over (partition by board_id, document_id, content_hash order by version) > 1 as is_reverted,
    version = current_version as is_current_version,
    row_state,
    date_text,
    published_on,
    response_id
from texts
