with

listing_rows as (select * from {{ ref('stg_listing_rows') }}),

pages as (select * from {{ ref('stg_pages') }}),

forgotten as (select * from {{ ref('stg_forgotten') }}),

-- A list may show a document twice, pinned and in its place: the pinned row says more (it carries the notice).
ranked as (
    select
        *,
        row_number() over (partition by response_id, document_id order by is_notice desc, position) as nth
    from listing_rows
    where document_id is not null
)

select
    pages.board_id,
    ranked.document_id,
    ranked.response_id,
    ranked.position,
    pages.fetched_at,
    pages.fetched_on,
    pages.view,
    ranked.post_no,
    ranked.is_notice,
    ranked.is_current,
    ranked.is_secret,
    ranked.url,
    ranked.title,
    ranked.author,
    ranked.date_text,
    ranked.listed_on,
    ranked.category,
    ranked.comment_count,
    ranked.view_count
from ranked
inner join pages on pages.response_id = ranked.response_id
where
    ranked.nth = 1
    and not exists (
        select 1 from forgotten
        where forgotten.board_id = pages.board_id and forgotten.document_id = ranked.document_id
    )
