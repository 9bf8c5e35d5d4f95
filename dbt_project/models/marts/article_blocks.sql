select
    board_id,
    document_id,
    block_position,
    kind,
    text,
    credit,
    image_url,
    cast(0 as bigint) as changed_in_version
from {{ ref('int_article_blocks') }}
