-- Rows of a candidate in which nothing is wrong: one day for each board, three documents a day.
create temp table board as
    select unnest(range(len($boards))) as n, unnest($boards) as board_id, date '2025-01-01' + n::int as listed_on;
create temp table document as
    select *, n * 10 + k as document_id, board_id || '-list' as response_id, timestamptz '2025-06-01 00:00:00+00' as seen_at
    from board, range(1, 4) as documents(k);

insert into int_board_rows by name
    select board_id, document_id, 1000000 - k as post_no, false as is_notice, '[속보] 제목 ' || k as title, ['속보'] as title_tags, '기자' as author,
        listed_on, 0 as comment_count, 7 as view_count, 'listed' as status, seen_at as first_seen_at, seen_at as last_seen_at,
        strftime(listed_on, '%Y.%m.%d') as date_text, true as is_date_well_formed, listed_on + 1 as fetched_on,
        1 as days_before_fetch, true as is_title_clean, response_id as latest_response_id, 'complete' as completeness
    from document;

insert into int_articles by name
    select board_id, document_id, 1 as version, '제목 ' || k as title, '기자' as author, listed_on + interval 3 hour as published_at,
        'minute' as published_precision, listed_on, '본문' as body_text, 2 as block_count, 1 as image_count, 2 as char_count,
        'h' || document_id as content_hash, seen_at as first_fetched_at, seen_at as last_fetched_at,
        'has_row' as row_state, strftime(listed_on, '%Y.%m.%d 12:00') as date_text, true as is_date_well_formed,
        true as is_published_before_fetch, listed_on as published_on, true as is_title_clean, 2 as block_row_count, 0 as days_from_row,
        board_id || '-art' as response_id
    from document;

insert into int_article_versions by name
    select a.* exclude (row_state, date_text, is_date_well_formed, is_published_before_fetch, published_on, is_title_clean, block_row_count,
        days_from_row), first_fetched_at as valid_from_at, first_fetched_at + interval 1 hour as valid_to_at, true as is_chained, false as is_reverted
    from int_articles a;

insert into int_article_blocks by name
    select board_id, document_id, p as block_position, if(p = 0, 'paragraph', 'caption') as kind, '글 ' || p as text,
        if(p = 0, null, '뉴스1') as credit, listed_on, true as is_text_clean, true as has_article,
        1 as block_position_step, true as is_image_url_absolute, true as is_credit_of_caption, board_id || '-art' as response_id
    from document, range(2) as places(p);

insert into int_currency_facts by name
    select 'f' || document_id as fact_id, board_id, document_id, 1 as version, listed_on, 'title' as place, 3 as char_start, 8 as char_end,
        '718조원' as text, 'range' as kind, 'KRW' as currency, 718e12 as amount, 717e12 as amount_min, 719e12 as amount_max, [] as qualifiers,
        'f0' as paired_fact_id, 'USD/KRW' as rate_pair, 1436 as implied_rate, 1455.45 as reference_rate, 'stale' as rate_verdict,
        718e12 as amount_krw, '약 718조원' as source_text, '718조원' as span_text, true as is_span_right,
        true as is_amount_positive, true as is_currency_known, 0.987 as rate_ratio, false as is_overflow, true as has_pair,
        true as is_pair_in_order, true as is_amount_of_text, true as is_currency_of_text,
        response_id
    from document;

insert into int_exchange_rates by name
    select listed_on as day, currency, seen_at as recorded_at, 1400 + n as krw_per_unit, 1 as usd_per_unit, 'rates.csv' as rate_source,
        '_rates' as board_id, listed_on, 1.001 as rate_ratio, 0.001 as deviation, seen_at as first_recorded_at,
        true as is_move_plausible, true as is_near_second_source, true as is_in_step_with_second_source, true as is_usable,
        false as is_of_the_day_before, false as is_out_of_line
    from document, (values ('USD'), ('EUR')) as currencies(currency) where k = 1;

insert into int_listing_rows by name
    select response_id, board_id, listed_on, listed_on as row_listed_on, k - 1 as position, 'all' as view, 1 as page_no, 1000000 - k as post_no,
        false as is_notice, document_id, '제목 ' || k as title, true as is_title_clean, '기자' as author,
        strftime(listed_on, '%Y.%m.%d') as date_text, true as is_date_well_formed, listed_on + 1 as fetched_on, 1 as days_before_fetch,
        if(k = 1, null, 1) as post_no_step, if(k = 1, null, 0) as day_step, false as is_post_no_missing
    from document;

insert into int_board_days by name
    select board_id, listed_on, 'complete' as completeness, true as is_closed, 3 as listed_row_count, 3 as row_count, 3 as article_count,
        3 as fact_count, false as is_row_lost, 0 as unread_list_count, 0 as unread_article_count, 0 as unread_article_share,
        8 as same_weekday_count, 3 as usual_row_count, 0 as row_count_deviation, 1 as row_count_ratio,
        listed_on + interval 3 hour as newest_post_at, 12 as silence_hours, 28 as silence_day_count, 12 as longest_silence_hours,
        1 as silence_ratio
    from board;

insert into int_listing_pages by name
    select board_id || '-list' as response_id, board_id, listed_on, 'all' as view, 1 as page_no, 1 as last_page, 3 as row_count,
        0 as missing_row_count, 0 as unseen_number_count, 0 as halved_number_count, 0 as views_like_number_count, true as is_page_asked
    from board;

insert into int_document_checks by name
    select board_id, document_id, listed_on, board_id || '-art' as response_id, '제목 ' || k as row_title, '제목 ' || k as article_title,
        '기자' as row_author, '기자' as article_author, 'listed' as status, 'read' as outcome, 200 as answer_status,
        true as is_title_agreed, true as is_title_its_own, true as is_title_bare, true as is_title_whole, true as is_author_agreed,
        true as is_url_of_its_board, true as is_status_answered, 0 as same_body_count, false as is_body_doubled, 0 as page_part_count,
        0 as unread_money_count, 0 as minutes_back, 0 as view_count_step
    from document;

insert into int_board_day_fields by name
    select board_id, listed_on, field, true as is_closed, 3 as seen_count, 3 as filled_count, 1 as filled_share, 7 as history_day_count,
        1 as usual_share, true as is_still_filled, true as is_filled_as_usual
    from board, (values ('list.author'), ('article.source')) as fields(field);
