with

rows_known as (select board_id, document_id, listed_on from {{ ref('int_row_states') }}),

articles_known as (select * from {{ ref('int_version_states') }} where valid_to_at is null),

scope as (select * from {{ ref('stg_scope') }}),

documents as (
    select
        coalesce(rows_known.board_id, articles_known.board_id) as board_id,
        coalesce(rows_known.document_id, articles_known.document_id) as document_id,
        coalesce(
            rows_known.listed_on,
            articles_known.published_on,
            articles_known.published_listed_on,
            {{ day_in_zone('articles_known.first_fetched_at', "'Asia/Seoul'") }}
        ) as listed_on,
        articles_known.version,
        case
            when rows_known.document_id is not null then 'has_row'
            when articles_known.latest_purpose is null or articles_known.latest_purpose = 'ingest' then 'rowless_ingested'
            else 'rowless_fetched'
        end as row_state
    from rows_known
    full outer join articles_known
        on articles_known.board_id = rows_known.board_id
        and articles_known.document_id = rows_known.document_id
)

select
    documents.board_id,
    documents.document_id,
    documents.listed_on,
    documents.version,
    documents.row_state,
    scope.completeness
from documents
inner join scope on scope.board_id = documents.board_id and scope.listed_on = documents.listed_on
