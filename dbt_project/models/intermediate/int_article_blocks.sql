with

blocks as (select * from {{ ref('int_version_blocks') }} where is_current_version),

articles as (select board_id, document_id, response_id from {{ ref('int_article_versions') }} where is_current_version)

select
    blocks.board_id,
    blocks.document_id,
    blocks.block_position,
    blocks.kind,
    blocks.text,
    blocks.credit,
    blocks.image_url,
    blocks.listed_on,
    coalesce({{ is_clean_text('blocks.text') }}, false) as is_text_clean,
    articles.document_id is not null as has_article,
    articles.response_id
from blocks
left join articles on articles.board_id = blocks.board_id and articles.document_id = blocks.document_id
