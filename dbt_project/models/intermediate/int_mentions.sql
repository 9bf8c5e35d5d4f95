with

documents as (select * from {{ ref('int_documents') }}),

board_rows as (select board_id, document_id, title from {{ ref('int_board_rows') }}),

articles as (select board_id, document_id, title from {{ ref('int_articles') }}),

blocks as (select * from {{ ref('int_article_blocks') }}),

-- A pair lies within one text, so it is found once per distinct text, not once per document.
mentions as (
    select
        restating.*,
        originals.char_start as paired_char_start,
        originals.char_end as paired_char_end,
        originals.currency as paired_currency,
        case when originals.kind not in ('rate', 'rate_delta') then originals.amount end as paired_amount
    from {{ ref('stg_mentions') }} as restating
    left join {{ ref('stg_mentions') }} as originals
        on originals.text_key = restating.text_key and originals.ordinal = restating.paired_ordinal
),

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
)

select
    {{ fact_id('keyed', 'mentions.char_start', 'mentions.char_end') }} as fact_id,
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
    mentions.rounding_unit,
    case
        when mentions.paired_char_start is not null
            then {{ fact_id('keyed', 'mentions.paired_char_start', 'mentions.paired_char_end') }}
    end as paired_fact_id,
    mentions.paired_currency,
    mentions.paired_amount
from keyed
inner join mentions on mentions.text_key = keyed.text_key
