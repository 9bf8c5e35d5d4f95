select * from {{ source('history', 'article_versions') }}
