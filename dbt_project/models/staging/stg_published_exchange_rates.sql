select * from {{ source('history', 'exchange_rates') }}
