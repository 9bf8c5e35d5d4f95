select
    response_id,
    position,
    document_id,
    post_no,
    is_notice,
    is_current,
    is_secret,
    url,
    title,
    author,
    date_text,
    listed_on,
    category,
    comment_count,
    view_count
from {{ source('raw', 'listing_rows') }}
