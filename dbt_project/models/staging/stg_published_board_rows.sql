select * from {{ source('history', 'board_rows') }}
