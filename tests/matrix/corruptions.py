"""What can go wrong between a board and its tables, one mistake each, and the gates that go red for it.

Here: the mistakes, each made where it would arise: in a page's bytes, in what a parser or the reader of money made of them (the raw
tables), in what was published before, in the rates, or in what dbt built. Not here: clean boards and how they are judged (`world`).
"""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from orchestration.demo.content import Post
from orchestration.demo.site import Site
from tests.matrix.world import ServedBoard

Change = Callable[[ServedBoard], None]


@dataclass(frozen=True, slots=True)
class Corruption:
    """`gates`: all that go red, the first is the one whose name says what is wrong. `page` changes what the board answered, `site`
    what the board is before it is read; `raw` is SQL on the candidate before dbt, `built` after it, in which $b is the board, $v
    and $o are its victim and the other post, $d is its last day and $n how many posts that had before `site`. `options` are those
    of the board. `usual` is SQL before `raw`: what was published of the board's earlier days, in which nothing is wrong."""

    name: str
    gates: tuple[str, ...]
    page: Change | None = None
    site: Callable[[Site], None] | None = None
    raw: str = ""
    built: str = ""
    usual: str = ""
    options: tuple[tuple[str, object], ...] = ()

    @property
    def where(self) -> str:
        """A key of `shown.WHERE`."""
        if self.page:
            return "page"
        if self.raw:
            return "published" if "history." in self.raw else "reading"
        return "tables" if self.built else "board"


def victim(board: ServedBoard) -> Post:
    """A post in the middle of the first list page, on the last day."""
    return _public(board)[4]


def other(board: ServedBoard) -> Post:
    """Another one, two below it."""
    return _public(board)[6]


def _public(board: ServedBoard) -> list[Post]:
    return [post for post in board.posts if not post.is_secret]


# Pages: rows.


def cell(name: str, text: str) -> Change:
    return lambda board: board.cell(victim(board).srl, name, text)


def numbers(change: Callable[[list[int]], Sequence[object]]) -> Change:
    """Write other numbers down each list."""

    def changed(rows: list[str]) -> list[str]:
        shown = [int(m[1]) if (m := re.search(r'<td class="no">\s*(\d+)', row)) else 0 for row in rows]
        return [re.sub(r'(<td class="no">\s*)\d+', rf"\g<1>{number}", row) for row, number in zip(rows, change(shown), strict=True)]

    return lambda board: board.rows(changed, "list")


def row_title(change: Callable[[str, Post], str]) -> Change:
    def changed(board: ServedBoard) -> None:
        post = victim(board)
        board.row(post.srl, lambda row: _retitle(row, lambda title: change(title, post)))

    return changed


def _title_of(row: str) -> str:
    return re.search(r'<td class="title">\s*<a [^>]*>(.*?)</a>', row, re.S)[1]  # type: ignore[index]


def _retitle(row: str, change: Callable[[str], str]) -> str:
    return re.sub(r'(<td class="title">\s*<a [^>]*>)(.*?)(</a>)', lambda m: m[1] + change(m[2]) + m[3], row, count=1, flags=re.S)


def swap_titles(rows: list[str]) -> list[str]:
    """Of the fifth and the sixth row."""
    if len(rows) < 6:
        return rows
    first, second = _title_of(rows[4]), _title_of(rows[5])
    return [*rows[:4], _retitle(rows[4], lambda _: second), _retitle(rows[5], lambda _: first), *rows[6:]]


def shift_titles(rows: list[str]) -> list[str]:
    titles = [_title_of(row) for row in rows]
    return [_retitle(row, lambda _, t=title: t) for row, title in zip(rows, [titles[-1], *titles[:-1]], strict=True)]


def swap_columns(rows: list[str]) -> list[str]:
    """Author and date change places, in three rows."""
    pattern = re.compile(r'<td class="author">(.*?)</td>(\s*)<td class="time">(.*?)</td>', re.S)
    swapped = [pattern.sub(r'<td class="author">\3</td>\2<td class="time">\1</td>', row) for row in rows[2:5]]
    return [*rows[:2], *swapped, *rows[5:]]


def lists(change: Callable[[list[str]], list[str]], nth: int | None = None) -> Change:
    return lambda board: board.rows(change, "list", nth)


def everywhere(change: Callable[[list[str]], list[str]]) -> Change:
    return lambda board: board.rows(change)


def other_board_below(board: ServedBoard) -> None:
    """The link of one row leads into another board."""
    board.row(victim(board).srl, lambda row: row.replace(f"/{board.id}/", "/elsewhere/"))


def other_board_in_list(board: ServedBoard) -> None:
    """The list is that of another board, under the address of this one."""
    board.rewrite("list", lambda html: html.replace(f'href="/{board.id}/', 'href="/elsewhere/'))
    board.rewrite("article", _without_list)


def _without_list(html: str) -> str:
    return re.sub(r'<div class="board_list".*?</table>', "", html, flags=re.S)


def same_page_twice(board: ServedBoard) -> None:
    """A cache answers page 2 with page 1."""
    board.put(1, body=board.responses[0].body)


def search_as_list(board: ServedBoard) -> None:
    """A search for the last day, read as if it were the board's own list."""
    plain = board.id
    board.ask("list", f"/{board.id}?search_target=regdate&search_keyword={board.days[-1]:%Y%m%d}")
    found = board.responses[-1]
    body = re.sub(r"search_(target|keyword)=[^&\"']*", "", found.body.decode())
    board.put(len(board.responses) - 1, url=f"https://board.example/{plain}", body=body.encode())


# Pages: articles, whole pages.


def article(change: Callable[[str, Post], str]) -> Change:
    def changed(board: ServedBoard) -> None:
        post = victim(board)
        board.article(post.srl, lambda html: change(html, post))

    return changed


def articles(change: Callable[[str], str]) -> Change:
    return lambda board: board.rewrite("article", change)


_BODY = re.compile(r"(<!--BeforeDocument\([0-9,]+\)--><div[^>]*>)(.*?)(</div><!--AfterDocument\([0-9,]+\)-->)", re.S)
_TIME = re.compile(r"(<span class=\"time\">.*?\d{4}\.\d\d\.\d\d )(\d\d)(:\d\d)", re.S)


def in_body(change: Callable[[str], str]) -> Change:
    return article(lambda html, _: _BODY.sub(lambda m: m[1] + change(m[2]) + m[3], html, count=1))


def article_time(text: str) -> Change:
    return article(
        lambda html, _: re.sub(r"(<span class=\"time\"><i[^>]*></i> )\d{4}\.\d\d\.\d\d \d\d:\d\d", rf"\g<1>{text}", html, count=1)
    )


def twelve_hours(html: str) -> str:
    return _TIME.sub(lambda m: f"{m[1]}{(int(m[2]) + 11) % 12 + 1:02}{m[3]}", html, count=1)


def foreign_body(board: ServedBoard) -> None:
    """The body of one article under the head of another."""
    theirs = _BODY.search(board.responses[board.place(other(board).srl)].body.decode())
    assert theirs
    board.article(victim(board).srl, lambda html: _BODY.sub(lambda m: m[1] + theirs[2] + m[3], html, count=1))


def foreign_article(board: ServedBoard) -> None:
    """An article of another board, under its own links."""
    board.article(victim(board).srl, lambda html: _without_list(html).replace(f"/{board.id}/", "/elsewhere/"))


def foreign_title(board: ServedBoard) -> None:
    """The article's head is that of another."""
    mine, theirs = victim(board), other(board)
    board.article(
        mine.srl,
        lambda html: re.sub(
            r"(<h1>.*?<a href=[^>]*/\d+\">)(.*?)(</a>)", lambda m: m[1] + _escaped(theirs) + m[3], html, count=1, flags=re.S
        ),
    )


def _escaped(post: Post) -> str:
    return post.title.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def body_runs_on(until: str) -> Change:
    """The end of the body is found behind something that follows it."""

    def changed(html: str, post: Post) -> str:
        end = f"</div><!--AfterDocument({post.srl},{post.member_srl})-->"
        before, _, after = html.partition(end)
        part, _, rest = after.partition(until)
        return before + part + until + end + rest

    return lambda board: board.article(_with_comments(board).srl, lambda html: changed(html, _with_comments(board)))


def _with_comments(board: ServedBoard) -> Post:
    return next(post for post in board.posts if post.comment_count >= 2 and not post.is_secret)


def answered(status: int, text: str) -> Change:
    def changed(board: ServedBoard) -> None:
        board.put(board.place(victim(board).srl), status=status, body=text.encode())

    return changed


LOGIN = (
    '<!DOCTYPE html><html><head><meta name="generator" content="Rhymix"></head><body><div id="access"><h1>로그인이 필요합니다.</h1>'
    '<form id="message_login_form"><input type="password" name="password" /></form></div></body></html>'
)
ERROR = "<html><head><title>502</title></head><body><h1>502 Bad Gateway</h1></body></html>"


def cut_off(purpose: str) -> Change:
    def changed(board: ServedBoard) -> None:
        n = 0 if purpose == "list" else board.place(victim(board).srl)
        body = board.responses[n].body
        board.put(n, body=body[: len(body) // 2])

    return changed


def recoded(change: Callable[[str], str]) -> Change:
    """Every page's text as another encoding makes it; its markup stays."""
    korean = re.compile(r"[^\x00-\x7f]+(?:[ ,.]*[^\x00-\x7f]+)*")
    return lambda board: board.rewrite(None, lambda html: korean.sub(lambda m: change(m[0]), html))


def wrong_label(board: ServedBoard) -> None:
    """The header names another encoding, and a byte is broken, so that nothing decodes strictly."""
    for n, response in enumerate(board.responses):
        headers = {**response.headers, "content-type": "text/html; charset=euc-kr"}
        board.put(n, headers=headers, body=response.body.replace(b"</body>", b"\xff</body>"))


# Readings: SQL over the raw tables of one board. `$b` its id, `$v` the victim, `$o` the other.

ROWS = "update raw.listing_rows set {} where response_id in (select response_id from raw.pages where board_id = '$b') and {}"
READS = "update raw.article_reads set {} where response_id in (select response_id from raw.pages where board_id = '$b') and {}"
MENTIONS = "update raw.mentions set {} where (text_key, ordinal) in (select (text_key, ordinal) from {} where board_id = '$b')"
BLOCKS = (
    "list_transform(blocks, lambda block, i: struct_pack(kind := {kind}, text := {text}, credit := {credit}, image_url := {image}))"
)


def rows(change: str, where: str = "document_id = $v") -> str:
    return ROWS.format(change, where)


def reads(change: str, where: str = "document_id = $v") -> str:
    return READS.format(change, where)


def blocks(where: str = "document_id = $v", **changes: str) -> str:
    fields = {"kind": "block.kind", "text": "block.text", "credit": "block.credit", "image": "block.image_url", **changes}
    return reads("blocks = " + BLOCKS.format(**fields), where)


def original(change: str) -> str:
    """Change the first half of a pair in dollars and won."""
    return MENTIONS.format(change, "originals")


def converted(change: str) -> str:
    return MENTIONS.format(change, "conversions")


def single(change: str) -> str:
    """Change an amount that is in no pair."""
    return MENTIONS.format(change, "singles")


# Which mentions are whose. A text that two boards share is nobody's.
PREPARE = """
create temp table own_texts as
select text_key, min(board_id) as board_id
from (
    select md5(block.text) as text_key, board_id
    from (select unnest(blocks) as block, response_id from raw.article_reads) as read_blocks join raw.pages using (response_id)
) as texts
group by text_key
having count(distinct board_id) = 1;
create temp table own_mentions as select mentions.*, board_id from raw.mentions join own_texts using (text_key);
create temp table pairs as
select c.board_id, c.text_key, c.ordinal as converted, o.ordinal as original
from own_mentions c join own_mentions o on o.text_key = c.text_key and o.ordinal = c.paired_ordinal
where c.currency = 'KRW' and o.currency = 'USD' and c.amount is not null and o.amount is not null
    and c.kind = 'amount' and o.kind = 'amount' and regexp_matches(o.text, '^[0-9]+(만|억) 달러')
qualify row_number() over (partition by c.board_id order by c.text_key, c.ordinal) = 1;
create temp table originals as select board_id, text_key, original as ordinal from pairs;
create temp table conversions as select board_id, text_key, converted as ordinal from pairs;
create temp table singles as
select board_id, text_key, ordinal
from own_mentions
where kind = 'amount' and paired_ordinal is null and regexp_matches(text, '^[0-9][0-9,.]*(만|억|조)[0-9만억]* ?원')
    and not exists (from own_mentions as o where o.text_key = own_mentions.text_key and o.ordinal <> own_mentions.ordinal)
qualify row_number() over (partition by board_id order by text_key, ordinal) = 1;
"""


def hide_one(site: Site) -> None:
    """The post that is read last is secret."""
    board = next(iter(site.boards.values()))
    newest = board.listed[-1].regdate.date()
    site.make_secret(next(post.srl for post in board.listed if post.regdate.date() == newest))


def published(change: str) -> str:
    """What was published before: every row and article of the board as this reading has them, an hour earlier; and a change."""
    return PUBLISHED + change


PUBLISHED = """
insert into history.board_rows by name
select distinct on (document_id)
    board_id, rows.document_id, post_no, is_notice, title, [] as title_tags, category, author, listed_on, comment_count, view_count,
    rows.url, 'listed' as status, fetched_at - interval 1 hour as first_seen_at, fetched_at - interval 1 hour as last_seen_at,
    1 as changed_in_version
from raw.listing_rows as rows join raw.pages using (response_id)
where board_id = '$b' and purpose = 'list' and not is_notice;
insert into history.article_versions by name
select
    board_id, reads.document_id, 1 as version, reads.url, title, author, published_at, published_precision,
    cast(published_at at time zone 'Asia/Seoul' as date) as listed_on, source, 'old' as body_text, 1 as block_count, image_count,
    3 as char_count, 'old' as content_hash, fetched_at - interval 1 hour as first_fetched_at,
    fetched_at - interval 1 hour as last_fetched_at, fetched_at - interval 1 hour as valid_from_at, 1 as changed_in_version
from raw.article_reads as reads join raw.pages using (response_id)
where board_id = '$b' and outcome = 'read';
"""

USD = "update raw.rates set {} where currency = 'USD' and day = date '$d' - 1"
"""The rates of the day before the board's last: of a period in which there is no other board."""

BUILT_USD = USD.replace("raw.rates", "int_exchange_rates")


def period(n: int) -> tuple[tuple[str, object], ...]:
    return (("end", dt.date(2024, 1, 10) + dt.timedelta(days=42 * n)),)


WEEKDAYS = """
insert into history.board_day_facts
select '$b', date '$d' - 7 * cast(n as integer), $n, null from range(1, 9) as weeks (n)
"""
"""The same weekday of eight weeks had as many rows as the last day has before anything is done to the board."""

FIELDS = """
insert into history.board_day_fields
select '$b', date '$d' - cast(n as integer), '{field}', count(distinct seen.document_id),
    count(distinct case when seen.{filled} then seen.document_id end)
from raw.{relation} as seen join raw.pages using (response_id), range(1, 8) as days (n)
where board_id = '$b' and {of_the_day}
group by n
"""
"""On each day of the week before, a field was filled as this reading has it."""

OF_THE_DAY = "listed_on = date '$d' and is_judged and not is_notice and not is_current"


def lost_from_lists(field: str, gates: tuple[str, ...] = (), **more: object) -> Corruption:
    """The rows of the last day no longer have the field."""
    return Corruption(
        f"{NAMES[field]} gone from the list",
        ("board_day_fields.still_filled", *gates),
        raw=rows(f"{field} = null", "listed_on = date '$d'"),
        usual=FIELDS.format(field=f"list.{field}", filled=f"{field} is not null", relation="listing_rows", of_the_day=OF_THE_DAY),
        options=tuple(more.items()),
    )


def lost_from_articles(
    field: str, gates: tuple[str, ...] = (), *, filled: str = "", change: str = "", **more: object
) -> Corruption:
    """No article that was read has the field any more."""
    return Corruption(
        f"{NAMES[field]} gone from the articles",
        ("board_day_fields.still_filled", *gates),
        raw=reads(change or f"{field} = null", "outcome = 'read'"),
        usual=FIELDS.format(
            field=f"article.{field}",
            filled=filled or f"{field} is not null",
            relation="article_reads",
            of_the_day="outcome = 'read'",
        ),
        options=tuple(more.items()),
    )


NAMES = {
    "post_no": "the numbers",
    "title": "the titles",
    "author": "the authors",
    "category": "the categories",
    "comment_count": "the comment counts",
    "view_count": "the view counts",
    "published_at": "the times",
    "source": "the outlets",
    "image": "the images",
}


def of_last_day(site: Site) -> list[Post]:
    board = next(iter(site.boards.values()))
    return [post for post in board.listed if post.regdate.date() == board.listed[-1].regdate.date()]


def thin_out(site: Site) -> None:
    """Every other post of the last day is gone, and the board counts its numbers anew."""
    for post in of_last_day(site)[::2]:
        site.delete_post(post.srl)


def crowd(site: Site) -> None:
    """Nine more posts for each of the last day."""
    for post in of_last_day(site):
        for _ in range(9):
            site.add_post(regdate=post.regdate.replace(hour=23, minute=59))


BUILT_ROW = "update int_board_rows set {} where board_id = '$b' and document_id = $v"

FACTS = "update int_currency_facts set {} where board_id = '$b'"

CORRUPTIONS: tuple[Corruption, ...] = (
    # Rows of a list, as the page shows them.
    Corruption(
        "a date as 2025.13.01", ("listings.date_well_formed", "articles.has_row_if_fetched"), page=cell("time", "2025.13.01")
    ),
    Corruption("a date as 25.02.05", ("listings.date_well_formed", "board_rows.date_well_formed"), page=cell("time", "25.02.05")),
    Corruption(
        "a date of tomorrow", ("listings.not_listed_after_fetch", "listings.days_do_not_rise"), page=cell("time", "2025.02.07")
    ),
    Corruption(
        "month and day in the other order",
        ("listings.not_listed_after_fetch", "listings.days_do_not_rise"),
        page=cell("time", "2025.05.02"),
    ),
    Corruption("no date", ("listings.date_well_formed", "articles.has_row_if_fetched"), page=cell("time", "")),
    Corruption("a date in words", ("listings.date_well_formed", "articles.has_row_if_fetched"), page=cell("time", "지난주 수요일")),
    Corruption("an older date in the middle of a list", ("listings.days_do_not_rise",), page=cell("time", "2025.02.01")),
    Corruption(
        "author and date in each other's column",
        ("listings.date_well_formed", "articles.has_row_if_fetched", "documents.few_are_refused"),
        page=everywhere(swap_columns),
    ),
    Corruption("numbers that rise", ("listings.post_no_falls_by_one",), page=numbers(lambda shown: shown[::-1])),
    Corruption(
        "a number that repeats", ("listings.post_no_falls_by_one",), page=numbers(lambda shown: [*shown[:4], shown[3], *shown[5:]])
    ),
    Corruption(
        "a number that is skipped",
        ("listings.post_no_falls_by_one",),
        page=numbers(lambda shown: [*(n + 1 for n in shown[:4]), *shown[4:]]),
    ),
    Corruption("a row without its number", ("listings.post_no_present",), page=numbers(lambda shown: [*shown[:4], "", *shown[5:]])),
    Corruption(
        "a number that is none",
        (
            "listings.post_no_positive",
            "board_rows.post_no_positive",
            "documents.few_are_refused",
            "listing_pages.pages_join",
            "listings.post_no_falls_by_one",
        ),
        page=numbers(lambda shown: [*shown[:-1], 0]),
    ),
    Corruption(
        "the views in the column of the number",
        ("listings.post_no_falls_by_one", "listing_pages.pages_join"),
        page=numbers(lambda shown: [n * 37 % 911 for n in shown]),
    ),
    Corruption(
        "the number in the column of the views",
        ("listing_pages.views_not_numbers",),
        raw=rows("view_count = post_no", "post_no is not null"),
    ),
    Corruption(
        "a listing read in two halves",
        ("listing_pages.pages_join", "listing_pages.page_full"),
        page=lists(lambda rows: rows[: len(rows) // 2], 0),
    ),
    Corruption(
        "a row that stands twice",
        ("listings.document_once", "listing_pages.page_full", "listings.post_no_falls_by_one"),
        page=lists(lambda rows: [*rows[:5], rows[4], *rows[5:]], 0),
    ),
    Corruption(
        "a lost row",
        ("listings.post_no_falls_by_one", "listing_pages.page_full"),
        page=lists(lambda rows: [*rows[:4], *rows[5:]], 0),
    ),
    Corruption(
        "the last row of a list lost",
        ("listing_pages.pages_join", "listing_pages.page_full"),
        page=lists(lambda rows: rows[:-1], 0),
    ),
    Corruption("the first row of the board lost", ("listing_pages.page_full",), page=lists(lambda rows: rows[1:], 0)),
    Corruption(
        "rows in another order",
        ("listings.post_no_falls_by_one", "documents.times_follow_the_list"),
        page=lists(lambda rows: sorted(rows, key=_title_of), 0),
    ),
    Corruption(
        "a list without rows",
        ("listing_pages.pages_join", "articles.has_row_if_fetched", "documents.few_are_refused"),
        page=lists(lambda rows: [], 1),
    ),
    Corruption(
        "page 1 served again as page 2",
        ("listing_pages.page_asked", "articles.has_row_if_fetched", "documents.few_are_refused", "listing_pages.pages_join"),
        page=same_page_twice,
    ),
    Corruption("a search taken for the whole list", ("listing_pages.numbers_of_the_whole_list",), page=search_as_list),
    Corruption("the list of another board", ("documents.url_of_its_board", "documents.few_are_refused"), page=other_board_in_list),
    Corruption("two boards' ids mixed", ("documents.url_of_its_board",), page=other_board_below),
    Corruption(
        "two rows with one link",
        ("listings.document_once", "articles.has_row_if_fetched", "documents.authors_agree", "documents.times_follow_the_list"),
        raw=rows("document_id = $o"),
    ),
    Corruption(
        "a row without its link",
        ("listings.document_present", "articles.has_row_if_fetched"),
        raw=rows("document_id = null, url = null"),
    ),
    Corruption(
        "a notice read as a post",
        ("listings.post_no_present", "listing_pages.numbers_of_the_whole_list", "listings.days_do_not_rise"),
        raw=rows("is_notice = false", "is_notice"),
    ),
    Corruption(
        "a post read as a notice",
        ("listings.post_no_falls_by_one", "listing_pages.page_full"),
        raw=rows("is_notice = true, post_no = null"),
    ),
    Corruption("a negative comment count", ("board_rows.comment_count_not_negative",), raw=rows("comment_count = -1")),
    Corruption("a negative view count", ("board_rows.view_count_not_negative",), raw=rows("view_count = -1")),
    # Titles.
    Corruption("a title that is blank", ("board_rows.title_clean", "listings.title_clean"), raw=rows("title = ' '")),
    Corruption(
        "no title",
        ("board_rows.title_present",),
        built="update int_board_rows set title = null where board_id = '$b' and document_id = $v",
    ),
    Corruption(
        "a lost character in a title",
        ("board_rows.title_clean", "listings.title_clean"),
        page=row_title(lambda title, _: title[:3] + "\ufffd" + title[4:]),
    ),
    Corruption(
        "HTML left in a title",
        ("board_rows.title_clean", "listings.title_clean"),
        page=row_title(lambda title, _: f"&lt;span&gt;{title}&lt;/span&gt;"),
    ),
    Corruption(
        "a title escaped twice",
        ("board_rows.title_clean", "listings.title_clean"),
        page=row_title(lambda title, _: title + " A&amp;amp;B"),
    ),
    Corruption(
        "titles swapped between two rows",
        ("documents.title_its_own", "documents.few_are_refused", "documents.titles_agree"),
        page=everywhere(swap_titles),
    ),
    Corruption(
        "titles shifted by a row",
        ("documents.title_its_own", "documents.few_are_refused", "documents.titles_agree"),
        page=everywhere(shift_titles),
    ),
    Corruption("the author in the title", ("documents.title_bare",), page=row_title(lambda title, post: f"{title} {post.author}")),
    Corruption("the comment badge left in the title", ("documents.title_bare",), page=row_title(lambda title, _: f"{title} [12]")),
    Corruption("the date in the title", ("documents.title_bare",), page=row_title(lambda title, _: f"{title} 2025.02.05")),
    Corruption("the number in the title", ("documents.title_bare",), page=row_title(lambda title, _: f"47241 {title}")),
    Corruption("an icon's name in the title", ("documents.title_bare",), page=row_title(lambda title, _: f"{title} new")),
    Corruption("a title cut off by the list", ("documents.title_whole",), page=row_title(lambda title, _: title[:12] + "…")),
    Corruption(
        "the title of another article above an article", ("documents.title_its_own", "documents.titles_agree"), page=foreign_title
    ),
    Corruption("HTML left in an article's title", ("articles.title_clean",), raw=reads("title = '<b>' || title || '</b>'")),
    # Encodings: every text of every page.
    Corruption(
        "UTF-8 read as Latin-1",
        (
            "article_blocks.text_clean",
            "articles.title_clean",
            "board_rows.title_clean",
            "documents.few_are_refused",
            "listings.title_clean",
        ),
        page=recoded(lambda text: text.encode().decode("latin-1")),
    ),
    Corruption(
        "UTF-8 read as Windows-1252",
        (
            "article_blocks.text_clean",
            "articles.title_clean",
            "board_rows.title_clean",
            "documents.few_are_refused",
            "listings.title_clean",
        ),
        page=recoded(lambda text: text.encode().decode("cp1252", "ignore")),
    ),
    Corruption(
        "UTF-8 read as CP949",
        (
            "article_blocks.text_clean",
            "articles.title_clean",
            "board_rows.title_clean",
            "documents.few_are_refused",
            "listings.title_clean",
        ),
        page=recoded(lambda text: text.encode().decode("cp949", "replace")),
    ),
    Corruption(
        "UTF-8 read as CP949, with question marks",
        (
            "article_blocks.text_clean",
            "articles.title_clean",
            "board_rows.title_clean",
            "documents.few_are_refused",
            "listings.title_clean",
        ),
        page=recoded(lambda text: text.encode().decode("cp949", "replace").replace("\ufffd", "?")),
    ),
    Corruption(
        "CP949 read as UTF-8",
        (
            "article_blocks.text_clean",
            "articles.title_clean",
            "board_rows.title_clean",
            "documents.few_are_refused",
            "listings.title_clean",
        ),
        page=recoded(lambda text: text.encode("cp949", "replace").decode("utf-8", "replace")),
    ),
    Corruption(
        "CP949 read as Latin-1",
        (
            "article_blocks.text_clean",
            "articles.title_clean",
            "board_rows.title_clean",
            "documents.few_are_refused",
            "listings.title_clean",
        ),
        page=recoded(lambda text: text.encode("cp949", "replace").decode("latin-1")),
    ),
    Corruption(
        "an encoding label that lies, and a broken byte",
        (
            "article_blocks.text_clean",
            "articles.title_clean",
            "board_rows.title_clean",
            "documents.few_are_refused",
            "listings.title_clean",
        ),
        page=wrong_label,
    ),
    # Articles.
    Corruption(
        "the time of tomorrow",
        ("articles.published_before_fetch", "articles.day_agrees_with_row", "documents.times_follow_the_list"),
        page=article_time("2025.02.07 09:00"),
    ),
    Corruption(
        "the time of last year",
        ("articles.day_agrees_with_row", "documents.times_follow_the_list"),
        page=article_time("2024.02.05 09:00"),
    ),
    Corruption("a time as 2025.13.05", ("articles.date_well_formed",), page=article_time("2025.13.05 09:00")),
    Corruption("a clock of twelve hours", ("documents.times_follow_the_list",), page=articles(twelve_hours)),
    Corruption(
        "KST read as UTC",
        ("articles.day_agrees_with_row", "articles.published_before_fetch", "documents.few_are_refused"),
        raw=reads("published_at = published_at + interval 9 hour", "published_at is not null"),
    ),
    Corruption("a precision that is none", ("articles.precision_known",), raw=reads("published_precision = 'hour'")),
    Corruption("another author above the article", ("documents.authors_agree",), raw=reads("author = '손님'")),
    Corruption("an empty body", ("articles.body_not_empty",), page=in_body(lambda _: "")),
    Corruption("the body of another article", ("documents.body_its_own",), page=foreign_body),
    Corruption("an article of another board", ("documents.url_of_its_board",), page=foreign_article),
    Corruption("a body that stands twice", ("documents.body_not_doubled",), page=in_body(lambda body: body + body)),
    Corruption(
        "HTML left in the text", ("article_blocks.text_clean",), page=in_body(lambda body: body + "<p>문단 &lt;br&gt; 하나</p>")
    ),
    Corruption(
        "an entity left in the text", ("article_blocks.text_clean",), page=in_body(lambda body: body + "<p>문단&amp;nbsp;하나</p>")
    ),
    Corruption(
        "a lost character in the text", ("article_blocks.text_clean",), page=in_body(lambda body: body + "<p>문\ufffd 하나</p>")
    ),
    Corruption("comments read as the body", ("documents.body_without_page_parts",), page=body_runs_on('<div class="fbFooter">')),
    Corruption("navigation in the body", ("documents.body_without_page_parts",), page=body_runs_on("</table>")),
    Corruption(
        "captions read as paragraphs",
        ("article_blocks.credits_in_captions",),
        raw=blocks(kind="'paragraph'", credit="null", where="true"),
    ),
    Corruption("a credit that swallowed its caption", ("article_blocks.credit_short",), raw=blocks(credit="repeat('가', 61)")),
    Corruption(
        "a block of an unknown kind", ("article_blocks.kind_known", "articles.body_not_empty"), raw=blocks(kind="'comment'")
    ),
    Corruption(
        "a block without its text",
        ("article_blocks.text_present",),
        built="update int_article_blocks set text = null where board_id = '$b' and document_id = $v",
    ),
    Corruption(
        "a whole article in one block",
        ("article_blocks.text_not_too_long", "documents.body_not_doubled"),
        raw=blocks(text="repeat('가', 5001)"),
    ),
    Corruption(
        "an image whose address names no host", ("article_blocks.image_url_absolute",), raw=blocks(image="'/files/attach/1.jpg'")
    ),
    Corruption("a negative count of images", ("articles.image_count_not_negative",), raw=reads("image_count = -1")),
    Corruption(
        "a reading without its hash",
        ("articles.content_hash_present",),
        built="update int_articles set content_hash = null where board_id = '$b' and document_id = $v",
    ),
    Corruption(
        "an article that no list shows",
        ("articles.has_row_if_fetched", "documents.few_are_refused"),
        page=everywhere(lambda rows: []),
    ),
    # Answers that are no pages.
    Corruption("a login page as the article", ("board_days.articles_all_read",), page=answered(200, LOGIN)),
    Corruption("an error page as the article", ("board_days.articles_all_read",), page=answered(502, ERROR)),
    Corruption("an error page with status 200", ("board_days.articles_all_read",), page=answered(200, ERROR)),
    Corruption("an empty answer", ("board_days.articles_all_read",), page=answered(200, "")),
    Corruption("an article cut off", ("board_days.articles_all_read",), page=cut_off("article")),
    Corruption("a list cut off", ("board_days.lists_all_read",), page=cut_off("list")),
    Corruption(
        "a secret post taken for a deleted one",
        ("documents.status_answered",),
        raw=reads("outcome = 'deleted'", "outcome = 'secret'"),
        site=hide_one,
    ),
    # Money.
    Corruption(
        "a pair whose amounts are swapped",
        (
            "currency_facts.rate_within_threefold",
            "currency_facts.amount_of_its_text",
            "currency_facts.rate_not_suspect",
        ),
        raw=(
            "update raw.mentions set amount = (select amount from own_mentions as o join pairs p on o.text_key = p.text_key "
            "and o.ordinal = case mentions.ordinal when p.converted then p.original else p.converted end where p.board_id = '$b') "
            "where (text_key, ordinal) in (select (text_key, unnest([original, converted])) from pairs where board_id = '$b')"
        ),
    ),
    Corruption(
        "a pair linked the wrong way round",
        ("currency_facts.pair_in_order",),
        raw=(
            converted("paired_ordinal = null")
            + ";"
            + original("paired_ordinal = (select converted from pairs where board_id = '$b'), rounding_unit = '1'")
        ),
    ),
    Corruption(
        "a pair with nothing to restate",
        ("currency_facts.pair_exists", "documents.few_are_refused"),
        built=FACTS.format("has_pair = false"),
    ),
    Corruption(
        "a converted amount off by ten thousand",
        ("currency_facts.amount_of_its_text", "currency_facts.rate_not_suspect", "currency_facts.rate_within_threefold"),
        raw=converted("amount = cast(cast(amount as hugeint) / 10000 as bigint)"),
    ),
    Corruption(
        "an original amount off by ten thousand",
        (
            "currency_facts.amount_of_its_text",
            "currency_facts.amount_plausible",
            "currency_facts.rate_not_suspect",
            "currency_facts.rate_within_threefold",
        ),
        raw=original("amount = amount || '0000'"),
    ),
    Corruption(
        "a single amount off by ten thousand", ("currency_facts.amount_of_its_text",), raw=single("amount = amount || '0000'")
    ),
    Corruption(
        "an amount twice too large",
        ("currency_facts.amount_of_its_text", "currency_facts.rate_not_suspect"),
        raw=converted("amount = cast(cast(amount as hugeint) * 2 as varchar)"),
    ),
    Corruption(
        "a currency relabelled: dollars as euro",
        ("currency_facts.currency_of_its_text", "currency_facts.rate_not_suspect"),
        raw=original("currency = 'EUR'"),
    ),
    Corruption(
        "a currency relabelled: won as yen",
        ("currency_facts.currency_of_its_text", "currency_facts.rate_not_suspect", "currency_facts.rate_within_threefold"),
        raw=converted("currency = 'JPY'"),
    ),
    Corruption(
        "a currency that is none",
        ("currency_facts.currency_known", "currency_facts.currency_of_its_text"),
        raw=single("currency = 'WON'"),
    ),
    Corruption(
        "a span shifted by one", ("currency_facts.span_right",), raw=single("char_start = char_start + 1, char_end = char_end + 1")
    ),
    Corruption("a span longer than its text", ("currency_facts.span_right",), raw=single("char_end = char_end + 1")),
    Corruption(
        "a negative amount",
        ("currency_facts.amount_positive", "currency_facts.amount_of_its_text"),
        raw=single("amount = '-' || amount"),
    ),
    Corruption("an amount that no column holds", ("currency_facts.amount_fits",), raw=single("amount = '1' || repeat('0', 40)")),
    Corruption(
        "an amount beyond the world's money",
        ("currency_facts.amount_plausible", "currency_facts.amount_of_its_text"),
        raw=single("amount = '1' || repeat('0', 18)"),
    ),
    Corruption(
        "a range whose ends are swapped",
        ("currency_facts.range_in_order",),
        raw=single("kind = 'range', amount = null, amount_min = '20', amount_max = '10'"),
    ),
    Corruption("a kind of mention that is none", ("currency_facts.kind_known",), raw=single("kind = 'money'")),
    Corruption(
        "a mention read twice",
        ("currency_facts.keys_unique",),
        built="insert into int_currency_facts select * from int_currency_facts where (board_id, fact_id) in "
        "(select (board_id, min(fact_id)) from int_currency_facts where board_id = '$b' group by board_id)",
    ),
    Corruption(
        "the money of a paragraph not read",
        ("documents.money_all_read",),
        raw=("delete from raw.mentions where text_key = (select text_key from singles where board_id = '$b')"),
    ),
    # Rates, each in a period of its own.
    Corruption(
        "a rate of another day",
        ("exchange_rates.in_line_with_its_neighbours", "exchange_rates.near_second_source"),
        raw=USD.format("krw_per_unit = krw_per_unit * 1.045"),
        options=period(0),
    ),
    Corruption(
        "a rate quoted for a hundred",
        (
            "exchange_rates.moves_less_than_threefold",
            "exchange_rates.in_line_with_its_neighbours",
            "exchange_rates.near_second_source",
        ),
        raw=USD.format("krw_per_unit = krw_per_unit * 100"),
        options=period(1),
    ),
    Corruption(
        "a rate turned upside down",
        (
            "exchange_rates.moves_less_than_threefold",
            "exchange_rates.in_line_with_its_neighbours",
            "exchange_rates.near_second_source",
        ),
        raw=USD.format("krw_per_unit = 1 / krw_per_unit"),
        options=period(2),
    ),
    Corruption(
        "a rate of zero",
        ("exchange_rates.krw_positive", "exchange_rates.near_second_source", "exchange_rates.moves_less_than_threefold"),
        raw=USD.format("krw_per_unit = 0"),
        options=period(3),
    ),
    Corruption("no rate", ("exchange_rates.krw_present",), built=BUILT_USD.format("krw_per_unit = null"), options=period(4)),
    Corruption(
        "a negative rate",
        ("exchange_rates.usd_positive",),
        raw=USD.format("usd_per_unit = -1"),
        options=period(5),
    ),
    Corruption(
        "a rate without its source",
        ("exchange_rates.source_present",),
        built=BUILT_USD.format("rate_source = null"),
        options=(("end", dt.date(2024, 10, 2)),),
    ),
    Corruption(
        "a currency code of two letters",
        ("exchange_rates.currency_well_formed",),
        raw=USD.format("currency = 'US'"),
        options=period(7),
    ),
    Corruption(
        "the rates of the day before handed out again",
        ("exchange_rates.not_of_the_day_before",),
        raw=(
            "update raw.rates set krw_per_unit = (select krw_per_unit from raw.rates as o where o.currency = rates.currency "
            "and o.day = rates.day - 1 and o.rate_source = rates.rate_source) where day = date '$d' - 1 and rate_source <> 'nbp'"
        ),
        options=period(8),
    ),
    Corruption(
        "a rate recorded twice",
        ("exchange_rates.keys_unique",),
        built="insert into int_exchange_rates select * from int_exchange_rates where currency = 'USD' and day = date '$d' - 1",
        options=period(9),
    ),
    # What was published before.
    Corruption(
        "a stale list served again",
        ("documents.views_do_not_fall",),
        raw=published("update history.board_rows set view_count = view_count + 5 where board_id = '$b'"),
    ),
    Corruption(
        "a stale article served again",
        ("article_versions.not_reverted",),
        raw=published(
            "insert into history.article_versions by name select * replace (2 as version, 'newer' as content_hash, "
            "valid_from_at + interval 5 minute as valid_from_at) from history.article_versions where board_id = '$b'; "
            "update raw.article_reads set content_hash = 'old' where document_id = $v and response_id in "
            "(select response_id from raw.pages where board_id = '$b')"
        ),
    ),
    Corruption(
        "a published article that lost a block",
        ("article_blocks.positions_without_gap",),
        raw=published(
            "delete from raw.article_reads where document_id = $v "
            "and response_id in (select response_id from raw.pages where board_id = '$b');"
            "insert into history.article_blocks by name select '$b' as board_id, $v as document_id, "
            "unnest([0, 2]) as block_position, 'paragraph' as kind, '문단' as text, 1 as changed_in_version"
        ),
    ),
    # Against the board's own earlier days.
    Corruption("half the rows of a day", ("board_days.volume_as_usual",), site=thin_out, usual=WEEKDAYS, options=(("posts", 110),)),
    Corruption(
        "ten times the rows of a day",
        ("board_days.volume_plausible", "board_days.volume_as_usual"),
        site=crowd,
        usual=WEEKDAYS,
    ),
    lost_from_lists("post_no", ("listings.post_no_present",)),
    lost_from_lists("author"),
    lost_from_lists("category", skin="sketchbook5", categories=("정치", "경제")),
    lost_from_lists("comment_count"),
    lost_from_lists("view_count"),
    lost_from_articles("title"),
    lost_from_articles("author"),
    lost_from_articles("published_at", change="published_at = null, published_precision = null, date_text = null"),
    lost_from_articles("category", categories=("정치", "경제")),
    lost_from_articles("source"),
    lost_from_articles("image", filled="image_count > 0", change="image_count = 0"),
    # What a model could do wrong.
    Corruption(
        "a row first seen after it was last seen",
        ("board_rows.seen_in_order",),
        built=BUILT_ROW.format("first_seen_at = last_seen_at + interval 1 second"),
    ),
    Corruption(
        "a version chain broken",
        ("article_versions.chained",),
        built="update int_article_versions set is_chained = false where board_id = '$b' and document_id = $v",
    ),
    Corruption(
        "a version that ends before it begins",
        ("article_versions.validity_in_order",),
        built="update int_article_versions set valid_to_at = valid_from_at where board_id = '$b' and document_id = $v",
    ),
    Corruption(
        "a document that stands twice",
        ("board_rows.keys_unique",),
        built="insert into int_board_rows select * from int_board_rows where board_id = '$b' and document_id = $v",
    ),
    Corruption(
        "a status that is none",
        ("board_rows.status_known",),
        built="update int_board_rows set status = 'hidden' where board_id = '$b' and document_id = $v",
    ),
    Corruption(
        "blocks without their article",
        ("article_blocks.has_article",),
        built="update int_article_blocks set has_article = false where board_id = '$b' and document_id = $v",
    ),
    Corruption(
        "a block lost on the way",
        ("articles.blocks_complete",),
        built="update int_articles set block_row_count = block_row_count - 1 where board_id = '$b' and document_id = $v",
    ),
    Corruption(
        "rows lost on the way",
        ("board_days.rows_not_lost",),
        built="update int_board_days set row_count = 0, is_row_lost = true where board_id = '$b'",
    ),
    Corruption(
        "a board-day that counts twice",
        ("board_days.keys_unique",),
        built="insert into int_board_days select * from int_board_days where board_id = '$b'",
    ),
    Corruption(
        "a completeness that is none",
        ("board_days.completeness_known",),
        raw="update raw.scope set completeness = 'partly' where board_id = '$b'",
    ),
    Corruption(
        "a day that only saved pages tell of",
        ("board_days.not_from_saved_pages",),
        raw="update raw.scope set completeness = 'ingested' where board_id = '$b'",
    ),
)


def landed(n: int, change: Callable[[str], str]) -> Change:
    """Change the text of the n-th answer."""
    return lambda board: board.put(n, body=change(board.responses[n].body.decode()).encode())


def between_pages(change: Callable[[Site], object]) -> Change:
    """The board changes after its first list page was read; the others are read again, and the first where rows were lost."""

    def changed(board: ServedBoard) -> None:
        change(board.site)
        for page in (2, 3, 1):
            board.ask("list", f"/{board.id}?page={page}")
        first, _, _, *articles, second, third, again = board.responses
        board.responses[:] = [first, second, third, again, *articles]

    return changed


def dates(form: str) -> Change:
    """Lists show their days in another form."""
    return lambda board: board.rows(
        lambda rows: [re.sub(r"(\d{4})\.(\d\d)\.(\d\d)(</td>)", lambda m: form.format(*m.groups()[:3]) + m[4], row) for row in rows]
    )


def half_days(html: str) -> str:
    """A clock of twelve hours that says which half of the day it is."""
    return _TIME.sub(lambda m: f"{m[1]}{'오전' if int(m[2]) < 12 else '오후'} {(int(m[2]) + 11) % 12 + 1:02}{m[3]}", html, count=1)


def add_text(text: str) -> Change:
    return in_body(lambda body: f"<p>{text}</p>" + body)


def euc_kr_label(board: ServedBoard) -> None:
    for n, response in enumerate(board.responses):
        board.put(n, headers={**response.headers, "content-type": "text/html; charset=euc-kr"})


def gone(board: ServedBoard) -> None:
    """The post that is read last was deleted after the list was read."""
    last = board.responses.pop()
    board.site.delete_post(last.document_id or 0)
    board.ask("article", f"/{board.id}/{last.document_id}", last.document_id)


def moved(board: ServedBoard) -> None:
    last = board.responses.pop()
    board.site.move(last.document_id or 0, "elsewhere")
    board.ask("article", f"/{board.id}/{last.document_id}", last.document_id)


def both_titles(change: Callable[[str], str]) -> Callable[[Site], None]:
    """A post with an odd title."""

    def changed(site: Site) -> None:
        post = next(iter(site.boards.values())).listed[-5]
        site.edit_post(post.srl, title=change(post.title.text))

    return changed


def newest(site: Site) -> Post:
    return next(iter(site.boards.values())).listed[-1]


HARMLESS: tuple[Corruption, ...] = (
    Corruption("nothing", ()),
    Corruption("the default skin, without views", (), options=(("skin", "default"),)),
    Corruption("the skin sketchbook5, with categories", (), options=(("skin", "sketchbook5"), ("categories", ("정치", "경제")))),
    Corruption("an XpressEngine board in CP949", (), options=(("skin", "default"), ("engine", "xe"), ("charset", "cp949"))),
    Corruption("days without their year", (), page=dates("{1}.{2}")),
    Corruption("days with hyphens", (), page=dates("{0}-{1}-{2}")),
    Corruption("a clock of twelve hours that says 오전 and 오후", (), page=articles(half_days)),
    Corruption("an encoding label that lies", (), page=euc_kr_label),
    Corruption(
        "a post written while the list was read",
        (),
        page=between_pages(lambda site: site.add_post(regdate="2025-02-05T23:59:59+09:00")),
    ),
    Corruption(
        "an old post deleted while the list was read",
        (),
        page=between_pages(lambda site: site.delete_post(next(iter(site.boards.values())).listed[0].srl)),
    ),
    Corruption(
        "a new post deleted while the list was read", (), page=between_pages(lambda site: site.delete_post(newest(site).srl))
    ),
    Corruption("a post pinned while the list was read", (), page=between_pages(lambda site: site.pin_notice(newest(site).srl))),
    Corruption("a post deleted after the list was read", (), page=gone),
    Corruption("a post moved to another board", (), page=moved),
    Corruption("a secret post", (), site=hide_one),
    Corruption("no list below articles", (), page=lambda board: board.rewrite("article", _without_list)),
    Corruption(
        "a board under another name than in boards.yaml",
        (),
        page=lambda board: (
            [
                board.put(n, url=r.url.replace(board.id, "renamed"), body=r.body.replace(board.id.encode(), b"renamed"))
                for n, r in enumerate(board.responses)
            ]
            and None
        ),
    ),
    Corruption(
        "a title retouched between list and article", (), page=row_title(lambda title, _: title.replace(" ", "  ") + " (종합)")
    ),
    Corruption("a title that ends in its author", (), site=both_titles(lambda title: f"{title} 데모뉴스")),
    Corruption("a title that ends in a number in brackets", (), site=both_titles(lambda title: f"{title} [12]")),
    Corruption("a title that ends in an ellipsis", (), site=both_titles(lambda title: f"{title}…")),
    Corruption("angle brackets and entities that are meant", (), site=both_titles(lambda title: f"<KBS 뉴스> {title} & 'A'")),
    Corruption("two posts of one title", (), site=both_titles(lambda _: "[포토] 눈 내린 도심")),
    Corruption(
        "French, Spanish and signs in the text",
        (),
        page=add_text("“Être ou ne pas être, forêt” … ¿Está aquí?… ·········· ×××× ÷ °°°° ½"),
    ),
    Corruption(
        "Chinese characters in the text", (), page=add_text("美·中 정상, 北 비핵화 놓고 이견? 李 대통령 “仁者樂山 智者樂水”")
    ),
    Corruption(
        "numbers before words that begin with 원", (), page=add_text("제5조 원칙에 따라 1만 원어민 교사와 5만 원주민이 모였다.")
    ),
    Corruption(
        "a paragraph that names an agency", (), page=add_text("로이터 통신과 연합뉴스가 이 소식을 전했다. 뉴스1도 보도했다.")
    ),
    Corruption(
        "a day and a menu word within a sentence", (), page=add_text("2025.02.05 10:00 목록에 오른 다음글은 댓글 3개를 받았다.")
    ),
)
"""What real boards do, and no gate may mistake for an error."""
