-- The two schemas of a candidate that `build` fills and dbt reads. docs/architecture.md says what each table holds.
create schema raw;
create schema history;

-- The version that `history` was read from; null where nothing was published yet.
create table raw.base (warehouse_version bigint);

-- Documents that were taken down: their rows stay in their places within lists, and are of no document.
create table raw.forgotten (board_id varchar, document_id bigint);

create table raw.scope (board_id varchar, day date, completeness varchar, closed_at timestamptz, is_open boolean);

create table raw.boards (board_id varchar, name varchar, url varchar, time_zone varchar, first_day date);

create table raw.pages (
    response_id varchar, board_id varchar, run_id varchar, purpose varchar, sweep varchar, url varchar, status integer,
    fetched_at timestamptz, document_id bigint, kind varchar, engine varchar, skin varchar, encoding varchar, view varchar,
    page_no integer, last_page integer, row_count integer, is_complete boolean, reason varchar, is_judged boolean
);

create table raw.listing_rows (
    response_id varchar, position integer, document_id bigint, post_no integer, is_notice boolean, is_current boolean,
    is_secret boolean, url varchar, title varchar, author varchar, date_text varchar, listed_on date, category varchar,
    comment_count integer, view_count integer
);

create table raw.article_reads (
    response_id varchar, document_id bigint, outcome varchar, url varchar, title varchar, author varchar, date_text varchar,
    published_at timestamptz, published_precision varchar, category varchar, source varchar, image_count integer,
    blocks struct(kind varchar, "text" varchar, credit varchar, image_url varchar)[], content_hash varchar
);

create table raw.mentions (
    text_key varchar, ordinal integer, char_start integer, char_end integer, "text" varchar, kind varchar, currency varchar,
    amount varchar, amount_min varchar, amount_max varchar, qualifiers varchar[], per varchar, paired_ordinal integer,
    rounding_unit varchar
);

create table raw.rates (
    day date, currency varchar, krw_per_unit double, usd_per_unit double, rate_source varchar, recorded_at timestamptz
);

create table raw.second_rates (day date, currency varchar, krw_per_unit double);

create table history.board_rows (
    board_id varchar, document_id bigint, post_no integer, is_notice boolean, title varchar, title_tags varchar[],
    category varchar, author varchar, listed_on date, comment_count integer, view_count integer, url varchar, status varchar,
    first_seen_at timestamptz, last_seen_at timestamptz, changed_in_version bigint
);

create table history.articles (
    board_id varchar, document_id bigint, version integer, url varchar, title varchar, author varchar,
    published_at timestamptz, published_precision varchar, listed_on date, source varchar, body_text varchar,
    block_count integer, image_count integer, char_count integer, content_hash varchar, first_fetched_at timestamptz,
    last_fetched_at timestamptz, changed_in_version bigint
);

create table history.article_versions (
    board_id varchar, document_id bigint, version integer, url varchar, title varchar, author varchar,
    published_at timestamptz, published_precision varchar, listed_on date, source varchar, body_text varchar,
    block_count integer, image_count integer, char_count integer, content_hash varchar, first_fetched_at timestamptz,
    last_fetched_at timestamptz, valid_from_at timestamptz, valid_to_at timestamptz, changed_in_version bigint
);

create table history.article_blocks (
    board_id varchar, document_id bigint, block_position integer, kind varchar, "text" varchar, credit varchar,
    image_url varchar, changed_in_version bigint
);

create table history.exchange_rates (
    day date, currency varchar, recorded_at timestamptz, krw_per_unit double, usd_per_unit double, rate_source varchar,
    changed_in_version bigint
);

create table history.refused_versions (
    board_id varchar, document_id bigint, read_at timestamptz, content_hash varchar, run_id varchar
);

create table history.board_day_facts (board_id varchar, day date, row_count bigint, newest_post_at timestamptz);

create table history.board_day_fields (board_id varchar, day date, field varchar, seen_count bigint, filled_count bigint);
