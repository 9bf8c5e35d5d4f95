select board_id, document_id, read_at from {{ source('history', 'refused_versions') }}
