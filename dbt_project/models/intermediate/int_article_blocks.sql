select
    board_id,
    document_id,
    block_position,
    kind,
    text,
    credit,
    image_url,
    listed_on,
    not regexp_matches(text, '</?[A-Za-z][^<>]*>') and strpos(text, chr(65533)) = 0 and trim(text) <> '' as is_text_clean
from {{ ref('int_version_blocks') }}
where is_current_version
