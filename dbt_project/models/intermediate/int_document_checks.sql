with

documents as (select * from {{ ref('int_documents') }}),

board_rows as (select * from {{ ref('int_board_rows') }}),

articles as (select * from {{ ref('int_articles') }}),

blocks as (select * from {{ ref('int_article_blocks') }}),

pages as (select response_id, url, status from {{ ref('stg_pages') }}),

published as (select board_id, document_id, view_count from {{ ref('stg_published_board_rows') }}),

titles as (select distinct board_id, title from board_rows),

-- The answer that settled the status of a row, with the status that the server gave.
settled as (
    select board_id, document_id, outcome, status
    from (
        select
            reads.board_id, reads.document_id, reads.outcome, pages.status,
            row_number() over (partition by reads.board_id, reads.document_id order by reads.fetched_at desc, reads.response_id desc) as nth
        from {{ ref('stg_article_reads') }} as reads
        inner join pages on pages.response_id = reads.response_id
        where reads.outcome in ('read', 'secret', 'deleted', 'moved')
    ) as ranked
    where nth = 1
),

bodies as (
    select board_id, md5(body_text) as body_key, min(document_id) as first_document_id, count(*) as document_count
    from articles
    where char_count >= 100
    group by board_id, md5(body_text)
),

facts as (select distinct board_id, document_id, block_position from {{ ref('int_currency_facts') }} where place = 'body'),

block_checks as (
    select
        blocks.board_id,
        blocks.document_id,
        count(*) as block_count,
        count(distinct md5(blocks.text)) as text_count,
        count(*) filter (where {{ is_page_part('blocks.text') }}) as page_part_count,
        count(*) filter (
            where facts.document_id is null
                and regexp_matches(
                    blocks.text, '(^|[^0-9제])[0-9][0-9,.]*(조|억|만) ?([0-9,]+[억만]?)? ?(원|달러)([ ,.)”"’]|[을를이은의에으과와도]|$)'
                )
        ) as unread_money_count
    from blocks
    left join facts
        on facts.board_id = blocks.board_id
        and facts.document_id = blocks.document_id
        and facts.block_position = blocks.block_position
    group by blocks.board_id, blocks.document_id
),

-- Lists are in the order of submission, so their articles' times fall down a list.
timed as (
    select
        listing_rows.board_id,
        listing_rows.document_id,
        date_diff(
            'minute',
            articles.published_at,
            lead(articles.published_at) over (partition by listing_rows.response_id order by listing_rows.position)
        ) as minutes_back
    from {{ ref('int_listing_rows') }} as listing_rows
    inner join articles on articles.board_id = listing_rows.board_id and articles.document_id = listing_rows.document_id
    where not listing_rows.is_notice
        and listing_rows.view = 'all'
        and articles.published_precision in ('second', 'minute')
),

times as (select board_id, document_id, max(minutes_back) as minutes_back from timed group by board_id, document_id),

compared as (
    select
        documents.board_id,
        documents.document_id,
        documents.listed_on,
        coalesce(articles.response_id, board_rows.latest_response_id) as response_id,
        board_rows.title as row_title,
        articles.title as article_title,
        board_rows.author as row_author,
        articles.author as article_author,
        board_rows.status,
        settled.outcome,
        settled.status as answer_status,
        regexp_replace(board_rows.title, '[ ]*(…|\.\.+)$', '') as row_stem,
        list_filter(
            string_split(trim(regexp_replace(board_rows.title, '[\[【〔［][^\]】〕］]*[\]】〕］]', '', 'g')), ' '), word -> word <> ''
        ) as row_words,
        list_filter(
            string_split(trim(regexp_replace(articles.title, '[\[【〔［][^\]】〕］]*[\]】〕］]', '', 'g')), ' '), word -> word <> ''
        ) as article_words,
        titles.title is not null as is_title_of_a_row,
        coalesce({{ mid_of('board_rows.url') }} <> {{ mid_of('row_pages.url') }}, false)
        or coalesce({{ mid_of('articles.url') }} <> {{ mid_of('article_pages.url') }}, false) as is_elsewhere,
        coalesce(bodies.document_count, 1) as body_document_count,
        block_checks.block_count,
        block_checks.text_count,
        coalesce(block_checks.page_part_count, 0) as page_part_count,
        coalesce(block_checks.unread_money_count, 0) as unread_money_count,
        times.minutes_back,
        cast(board_rows.view_count - published.view_count as bigint) as view_count_step
    from documents
    left join board_rows on board_rows.board_id = documents.board_id and board_rows.document_id = documents.document_id
    left join articles on articles.board_id = documents.board_id and articles.document_id = documents.document_id
    left join pages as row_pages on row_pages.response_id = board_rows.latest_response_id
    left join pages as article_pages on article_pages.response_id = articles.response_id
    left join titles on titles.board_id = articles.board_id and titles.title = articles.title
    left join settled on settled.board_id = documents.board_id and settled.document_id = documents.document_id
    left join bodies
        on articles.char_count >= 100 and bodies.board_id = articles.board_id and bodies.body_key = md5(articles.body_text)
    left join block_checks
        on block_checks.board_id = documents.board_id and block_checks.document_id = documents.document_id
    left join times on times.board_id = documents.board_id and times.document_id = documents.document_id
    left join published on published.board_id = documents.board_id and published.document_id = documents.document_id
),

judged as (
    select
        *,
        -- What stands in the row's title beside the article's.
        case
            when row_title <> article_title and starts_with(row_title, article_title)
                then trim(substring(row_title, length(article_title) + 1))
            when row_title <> article_title and ends_with(row_title, article_title)
                then trim(substring(row_title, 1, length(row_title) - length(article_title)))
        end as beside_title,
        row_title is null
        or article_title is null
        or starts_with(article_title, row_stem)
        or starts_with(row_title, article_title)
        or ends_with(row_title, article_title)
        or length(list_intersect(row_words, article_words)) * 3 >= least(length(row_words), length(article_words)) as is_title_agreed
    from compared
)

select
    board_id,
    document_id,
    listed_on,
    response_id,
    row_title,
    article_title,
    row_author,
    article_author,
    status,
    outcome,
    cast(answer_status as integer) as answer_status,
    coalesce(is_title_agreed, true) as is_title_agreed,
    coalesce(is_title_agreed or not is_title_of_a_row, true) as is_title_its_own,
    coalesce(
        beside_title <> coalesce(row_author, '')
        and beside_title <> coalesce(article_author, '')
        and not regexp_matches(beside_title, '^([\[(]?[0-9,]+[\])]?|[0-9]{4}[.-][0-9]{2}[.-][0-9]{2}|공지|new|N|secret|file|image|update)$'),
        true
    ) as is_title_bare,
    not coalesce(row_stem <> row_title and row_title <> article_title and starts_with(article_title, row_stem), false) as is_title_whole,
    coalesce(row_author = article_author, true) as is_author_agreed,
    not is_elsewhere as is_url_of_its_board,
    case status
        when 'deleted' then coalesce(outcome <> 'deleted' or answer_status in (200, 404, 410), true)
        when 'secret' then coalesce(outcome <> 'secret' or answer_status in (200, 401, 403), true)
        else true
    end as is_status_answered,
    cast(body_document_count - 1 as bigint) as same_body_count,
    coalesce(block_count >= 6 and text_count * 2 <= block_count + 1, false) as is_body_doubled,
    cast(page_part_count as bigint) as page_part_count,
    cast(unread_money_count as bigint) as unread_money_count,
    cast(minutes_back as bigint) as minutes_back,
    view_count_step
from judged
