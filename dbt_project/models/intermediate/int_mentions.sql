with

documents as (select * from {{ ref('int_documents') }}),

board_rows as (select board_id, document_id, title from {{ ref('int_board_rows') }}),

articles as (select board_id, document_id, title from {{ ref('int_articles') }}),

blocks as (select * from {{ ref('int_article_blocks') }}),

mentions as (select * from {{ ref('stg_mentions') }}),

texts as (
    select
        documents.board_id,
        documents.document_id,
        documents.version,
        documents.listed_on,
        'title' as place,
        cast(null as integer) as block_position,
        coalesce(board_rows.title, articles.title) as source_text
    from documents
    left join board_rows on board_rows.board_id = documents.board_id and board_rows.document_id = documents.document_id
    left join articles on articles.board_id = documents.board_id and articles.document_id = documents.document_id
    union all
    select
        documents.board_id, documents.document_id, documents.version, documents.listed_on, 'body', blocks.block_position, blocks.text
    from documents
    inner join blocks on blocks.board_id = documents.board_id and blocks.document_id = documents.document_id
),

-- Equal blocks of a document are told apart by their order, not by their position: a paragraph put in above changes no id.
keyed as (
    select
        *,
        md5(source_text) as text_key,
        row_number() over (partition by board_id, document_id, place, source_text order by block_position) as text_ordinal
    from texts
    where source_text is not null
),

facts as (
    select
        md5(concat_ws(
            '|', keyed.board_id, cast(keyed.document_id as varchar), keyed.place, keyed.text_key,
            cast(keyed.text_ordinal as varchar), cast(mentions.char_start as varchar), cast(mentions.char_end as varchar)
        )) as fact_id,
        keyed.board_id,
        keyed.document_id,
        keyed.version,
        keyed.listed_on,
        keyed.place,
        keyed.block_position,
        keyed.text_key,
        keyed.text_ordinal,
        keyed.source_text,
        mentions.ordinal,
        mentions.char_start,
        mentions.char_end,
        mentions.text,
        mentions.kind,
        mentions.currency,
        mentions.amount,
        mentions.amount_min,
        mentions.amount_max,
        mentions.is_overflow,
        mentions.qualifiers,
        mentions.per,
        mentions.paired_ordinal,
        mentions.rounding_unit
    from keyed
    inner join mentions on mentions.text_key = keyed.text_key
)

select
    facts.*,
    originals.fact_id as paired_fact_id,
    originals.currency as paired_currency,
    case when originals.kind not in ('rate', 'rate_delta') then originals.amount end as paired_amount
from facts
left join facts as originals
    on originals.board_id = facts.board_id
    and originals.document_id = facts.document_id
    and originals.place = facts.place
    and originals.text_key = facts.text_key
    and originals.text_ordinal = facts.text_ordinal
    and originals.ordinal = facts.paired_ordinal
