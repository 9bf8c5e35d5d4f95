select * from {{ source('history', 'article_blocks') }}
