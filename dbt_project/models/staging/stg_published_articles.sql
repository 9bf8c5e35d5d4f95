select * from {{ source('history', 'articles') }}
