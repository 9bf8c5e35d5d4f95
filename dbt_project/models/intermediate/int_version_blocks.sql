with

landed as (
{{ block_elements(ref('int_version_states'), ['board_id', 'document_id', 'version']) }}
),

documents as (select * from {{ ref('int_documents') }} where version is not null),

published_current as (
    select board_id, document_id, version
    from {{ ref('int_version_states') }}
    where blocks is null and valid_to_at is null
),

published_blocks as (select * from {{ ref('stg_published_article_blocks') }}),

blocks as (
    select board_id, document_id, version, cast(block_position as integer) as block_position, kind, text, credit, image_url
    from landed
    union all
    select
        published_current.board_id, published_current.document_id, published_current.version, published_blocks.block_position,
        published_blocks.kind, published_blocks.text, published_blocks.credit, published_blocks.image_url
    from published_current
    inner join published_blocks
        on published_blocks.board_id = published_current.board_id
        and published_blocks.document_id = published_current.document_id
)

select
    blocks.board_id,
    blocks.document_id,
    blocks.version,
    blocks.block_position,
    blocks.kind,
    blocks.text,
    blocks.credit,
    blocks.image_url,
    documents.listed_on,
    blocks.version = documents.version as is_current_version
from blocks
inner join documents on documents.board_id = blocks.board_id and documents.document_id = blocks.document_id
