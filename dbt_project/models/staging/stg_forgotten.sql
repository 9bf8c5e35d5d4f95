select board_id, document_id from {{ source('raw', 'forgotten') }}
