with

versions as (select * from {{ ref('int_article_versions') }} where is_current_version),

blocks as (
    select board_id, document_id, count(*) as block_row_count from {{ ref('int_article_blocks') }} group by board_id, document_id
)

select
    versions.board_id,
    versions.document_id,
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
    char_count,
    content_hash,
    first_fetched_at,
    last_fetched_at,
    row_state,
    date_text,
    -- Page text carries no date, and an article known only from an earlier version none to judge.
    date_text is null or coalesce({{ is_known_date_form('date_text') }}, false) and published_at is not null as is_date_well_formed,
    published_at is null or published_at <= last_fetched_at as is_published_before_fetch,
    published_on,
    title is null or {{ is_clean_text('title') }} as is_title_clean,
    coalesce(blocks.block_row_count, 0) as block_row_count,
    published_on - listed_on as days_from_row,
    response_id
from versions
left join blocks on blocks.board_id = versions.board_id and blocks.document_id = versions.document_id
