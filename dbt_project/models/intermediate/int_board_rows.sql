with

documents as (select * from {{ ref('int_documents') }}),

row_states as (select * from {{ ref('int_row_states') }})

select
    row_states.board_id,
    row_states.document_id,
    row_states.post_no,
    row_states.is_notice,
    row_states.title,
    row_states.title_tags,
    row_states.category,
    row_states.author,
    row_states.listed_on,
    row_states.comment_count,
    row_states.view_count,
    row_states.url,
    row_states.status,
    row_states.first_seen_at,
    row_states.last_seen_at,
    row_states.latest_response_id,
    row_states.date_text,
    -- A row whose state is only known from an earlier version has no text to judge.
    row_states.latest_response_id is null or coalesce({{ is_known_date_form('row_states.date_text') }}, false) as is_date_well_formed,
    row_states.fetched_on,
    row_states.fetched_on - row_states.listed_on as days_before_fetch,
    documents.completeness,
    coalesce({{ is_clean_text('row_states.title') }}, false) as is_title_clean
from documents
inner join row_states
    on row_states.board_id = documents.board_id and row_states.document_id = documents.document_id
where documents.row_state = 'has_row'
