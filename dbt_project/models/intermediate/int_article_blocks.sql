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
    cast(
        blocks.block_position - coalesce(
            lag(blocks.block_position) over (partition by blocks.board_id, blocks.document_id order by blocks.block_position), -1
        ) as bigint
    ) as block_position_step,
    blocks.image_url is null or regexp_matches(blocks.image_url, '^https?://[^/]+/') as is_image_url_absolute,
    not (
        blocks.kind = 'paragraph'
        and length(blocks.text) <= 300
        and regexp_matches(blocks.text, '[.!?…”"] ?[(\[/ⓒ©]? ?(사진 ?= ?)?((AFP|AP|EPA|로이터) ?[=·] ?)?(뉴스1|뉴시스|연합뉴스|로이터)[)\]]?$')
    ) as is_credit_of_caption,
    articles.response_id
from blocks
left join articles on articles.board_id = blocks.board_id and articles.document_id = blocks.document_id
