"""A board page as plain text: what a reader gets who selects the whole page and copies it.

Here: where the article ends and the list begins, and how a row's line comes apart. Not here: blocks (`blocks`), ids (`identity`):
text carries no links.
"""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from orchestration.parse.blocks import read_blocks
from orchestration.parse.body import fold, text_lines
from orchestration.parse.dates import day_of
from orchestration.parse.records import Article, Row

_COLUMNS = {
    "번호": "number",
    "분류": "category",
    "카테고리": "category",
    "제목": "title",
    "글쓴이": "author",
    "작성자": "author",
    "닉네임": "author",
    "이름": "author",
    "날짜": "date",
    "등록일": "date",
    "작성일": "date",
    "조회 수": "views",
    "조회수": "views",
    "조회": "views",
    "추천 수": "votes",
    "추천수": "votes",
    "추천": "votes",
    "비추천 수": "votes",
}
_COLUMN = re.compile("|".join(sorted(map(re.escape, _COLUMNS), key=len, reverse=True)))
_SKIP_LINKS = {
    "메뉴 건너뛰기",
    "본문 바로가기",
    "본문으로 바로가기",
    "본문으로 건너뛰기",
    "컨텐츠 바로가기",
    "콘텐츠 바로가기",
    "Skip to content",
}
# The first line below a body that is the board's own: attachments, actions, comments.
_AFTER_BODY = re.compile(r"첨부 ?\[[0-9]+\]|댓글 ?\[?[0-9]+\]?|이 게시물을|Comments? ?\[?[0-9]+\]?")

_NUMBER = r"(?P<number>[0-9][0-9,]{0,11}|공지|»)"
_DATE = (
    r"(?P<date>[0-9]{4}[.\-/][0-9]{1,2}[.\-/][0-9]{1,2}\.?(?: [0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?|[0-9]{1,2}:[0-9]{2}"
    r"|[0-9]{1,2}[.\-][0-9]{1,2}|방금 ?전|어제|[0-9]{1,3} ?(?:초|분|시간|일) ?전)"
)
_BADGE = re.compile(r"^(?P<title>.*\S)\s+\[(?P<count>[0-9]{1,5})\]$")


def find_list_header(text: str) -> int | None:
    """The line (from 0) that names the columns of a board's list, the last one where several do; None for text of another kind."""
    found = None
    for position, line in enumerate(text.splitlines()):
        if len(line) < 80 and "제목" in line and _columns(line):
            found = position
    return found


def read_text(text: str, fetched_at: datetime, zone: ZoneInfo) -> tuple[tuple[Row, ...] | None, Article | None]:
    """The rows (None: no list) and the article (None: no text above the list) of a copied page."""
    lines = text.splitlines()
    header = find_list_header(text)
    rows = None if header is None else _read_rows(lines[header + 1 :], _columns(lines[header]), fetched_at, zone)
    return rows, _read_article(lines[:header])


def _columns(line: str) -> tuple[str, ...]:
    """What each column holds; empty where the line is not a list's header, which names title and date and nothing else."""
    shown = fold(line)
    if _COLUMN.sub("", shown).strip():
        return ()
    columns = tuple(_COLUMNS[name] for name in _COLUMN.findall(shown))
    return columns if "title" in columns and "date" in columns else ()


def _read_rows(lines: list[str], columns: tuple[str, ...], fetched_at: datetime, zone: ZoneInfo) -> tuple[Row, ...]:
    pattern = _row_pattern(columns)
    rows: list[Row] = []
    for line in lines:
        cells = [fold(cell) for cell in line.split("\t")]
        if len(cells) == len(columns) and "\t" in line:
            found: dict[str, str | None] = dict(zip(columns, cells, strict=True))
        elif match := pattern.fullmatch(fold(line)):
            found = match.groupdict()
        else:
            continue
        row = _row(found, len(rows), fetched_at, zone)
        if row is not None:
            rows.append(row)
    return tuple(rows)


def _row_pattern(columns: tuple[str, ...]) -> re.Pattern[str]:
    """A row's line where a copy kept no tabs: an author is then one word, the last before the date."""
    forms = {
        "number": _NUMBER,
        "title": "(?P<title>.+)",
        "author": r"(?P<author>\S+)",
        "date": _DATE,
        "category": r"(?P<category>\S+)",
    }
    parts, seen = [], set[str]()
    for column in columns:
        if column in seen or column not in forms:
            parts.append("(?P<views>[0-9,]+)" if column == "views" and column not in seen else "[0-9,]+")
        else:
            parts.append(forms[column])
        seen.add(column)
    return re.compile(" ".join(parts))


def _row(found: dict[str, str | None], position: int, fetched_at: datetime, zone: ZoneInfo) -> Row | None:
    number, title, date_text = found.get("number") or "", found.get("title") or "", found.get("date") or None
    if not title:
        return None
    badge = _BADGE.match(title)
    is_notice = number == "공지"
    return Row(
        position=position,
        post_no=_count(number),
        is_notice=is_notice,
        is_current=number == "»",
        is_secret=False,
        document_id=None,
        url=None,
        title=badge["title"] if badge else title,
        author=found.get("author") or None,
        date_text=date_text,
        listed_on=day_of(date_text, fetched_at, zone),
        category=found.get("category") or None,
        comment_count=int(badge["count"]) if badge else None,
        view_count=_count(found.get("views")),
    )


def _count(text: str | None) -> int | None:
    digits = (text or "").replace(",", "")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 12 else None


def _read_article(lines: list[str]) -> Article | None:
    shown = [fold(line) for line in lines]
    start = 0
    while start < len(shown) and (not shown[start] or shown[start] in _SKIP_LINKS):
        start += 1
    end = next((at for at in range(start + 1, len(shown)) if _AFTER_BODY.fullmatch(shown[at])), len(shown))
    blocks, source = read_blocks(text_lines(lines[start:end]))
    if not blocks:
        return None
    return Article(
        document_id=None,
        url=None,
        title=None,
        author=None,
        date_text=None,
        published_at=None,
        published_precision=None,
        category=None,
        source=source,
        image_count=0,
        body_readable=True,
        blocks=blocks,
    )
