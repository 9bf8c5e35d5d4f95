select
    pages.board_id,
    reads.document_id,
    reads.response_id,
    pages.purpose,
    pages.fetched_at,
    pages.time_zone,
    reads.outcome,
    reads.url,
    reads.title,
    reads.author,
    reads.date_text,
    reads.published_at,
    reads.published_precision,
    reads.category,
    reads.source,
    reads.image_count,
    reads.blocks,
    reads.content_hash
from {{ source('raw', 'article_reads') }} as reads
inner join {{ ref('stg_pages') }} as pages on pages.response_id = reads.response_id
