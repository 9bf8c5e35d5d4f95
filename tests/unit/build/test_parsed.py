import datetime as dt
import re
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

from orchestration.build.parsed import SCHEMA, board_name, mention_rows, parsed_files, records, text_key, write_parsed
from orchestration.landing.store import Landing
from orchestration.parse.reading import Reading
from tests.support.pages import HOST, article_html, article_page, list_html, list_page, no_article, response

AT = dt.datetime(2025, 2, 5, 3, 0, tzinfo=dt.UTC)
DAY = dt.date(2025, 2, 5)
NEWS = Reading("news", HOST + "/news")


def outcome(*responses) -> list[str | None]:
    return [record["answer"] and record["answer"]["outcome"] for record in records(responses, NEWS)]


def test_an_answer_tells_what_became_of_the_article():
    form = '<form action="./"><p>비밀글입니다.</p><input type="password" name="password"></form>'
    secret = re.sub("<!--Before.*After.*?-->", form, article_html(5, "비밀", "2025.02.05 10:00", ["본문이다."]))
    assert outcome(
        article_page(3, "셋", "2025.02.05 10:00", ["본문이다."], AT),
        no_article(4, 404, AT),
        response(secret, "/news/5", AT, purpose="article", document_id=5, status=403),
        no_article(6, 500, AT),
        list_page([(3, 1, "셋", DAY)], AT),
    ) == ["read", "deleted", "secret", "unreadable", None]


def test_a_truncated_article_is_not_read():
    cut = article_page(3, "셋", "2025.02.05 10:00", ["본문이다."], AT)
    assert outcome(replace(cut, body=cut.body[:-20], response_id="")) == ["unreadable"]


@pytest.mark.parametrize(
    ("url", "status", "headers", "says"),
    [
        ("/newsx/7", 200, {}, "moved"),
        ("/news/7", 301, {"location": "/newsx/7"}, "moved"),
        ("/news/7", 301, {"location": "/news/7?page=1"}, "unreadable"),
        ("/news/7", 302, {"location": "/login"}, "unreadable"),
        ("/newsx/7", 404, {}, "deleted"),
    ],
)
def test_an_article_that_another_board_answers_for_has_moved(url: str, status: int, headers: dict[str, str], says: str):
    asked = response(b"", url, AT, purpose="article", document_id=7, url_asked=HOST + "/news/7", status=status, headers=headers)
    assert outcome(asked) == [says]


def test_the_list_of_another_board_says_nothing_of_this_one():
    content = article_html(
        7, "일곱", "2025.02.05 10:00", ["본문이다."], mid="newsx", below=list_html([(7, 1, "일곱", DAY)], mid="newsx")
    )
    followed = response(content, "/newsx/7", AT, purpose="article", document_id=7, url_asked=HOST + "/news/7")
    (record,) = records([followed], NEWS)
    assert (record["rows"], record["answer"]["outcome"]) == ([], "moved")


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://h/news/7?page=2", "news"),
        ("https://h/cms/NEWS/7", "news"),
        ("https://h/index.php?mid=news&document_srl=7", "news"),
        ("https://h/index.php?document_srl=7", None),
        ("https://h/7", None),
        ("http://[bad", None),
    ],
)
def test_the_board_that_an_address_names(url: str, name: str | None):
    assert board_name(url) == name


def test_a_text_is_read_for_money_once_per_file():
    pages = [list_page([(3, 1, "예산 10억원 확정", DAY)], AT + dt.timedelta(minutes=n)) for n in range(3)]
    found = [record["mentions"] for record in records(pages, NEWS)]
    assert [len(mentions) for mentions in found] == [1, 0, 0]
    assert found[0][0]["text_key"] == text_key("예산 10억원 확정")


def test_amounts_are_decimal_strings_without_exponent():
    (mention,) = mention_rows("5000조원")
    assert mention["amount"] == "5000000000000000"
    assert mention["rounding_unit"] == "1000000000000"


def test_numbers_that_no_board_has_are_none():
    (record,) = records([list_page([(3, 99_999_999_999, "셋", DAY)], AT)], NEWS)
    assert record["rows"][0]["post_no"] is None


def _landed(folder: Path, *responses) -> Landing:
    landing = Landing(folder)
    with landing.writer("fetch1", "news") as spool:
        for item in responses:
            spool.append(item)
    landing.seal()
    return landing


def test_a_sealed_file_is_parsed_once(tmp_path: Path):
    landing = _landed(tmp_path / "landing", list_page([(3, 1, "셋", DAY)], AT), response("", "/robots.txt", AT, purpose="robots"))
    (first,) = parsed_files(tmp_path / "parsed", landing, NEWS)
    assert pq.read_schema(first).equals(SCHEMA)
    assert pq.read_metadata(first).num_rows == 1  # robots.txt is no page
    stamp = first.stat().st_mtime_ns
    assert parsed_files(tmp_path / "parsed", landing, NEWS) == [first]
    assert first.stat().st_mtime_ns == stamp


def test_other_settings_of_the_board_are_another_cache(tmp_path: Path):
    landing = _landed(tmp_path / "landing", list_page([(3, 1, "셋", DAY)], AT))
    elsewhere = replace(NEWS, zone=ZoneInfo("UTC"))
    assert parsed_files(tmp_path / "parsed", landing, NEWS) != parsed_files(tmp_path / "parsed", landing, elsewhere)


def test_a_sealed_file_that_grew_is_parsed_anew(tmp_path: Path):
    landing = _landed(tmp_path / "landing", list_page([(3, 1, "셋", DAY)], AT))
    (before,) = parsed_files(tmp_path / "parsed", landing, NEWS)
    with landing.writer("fetch1", "news") as spool:
        spool.append(list_page([(4, 2, "넷", DAY)], AT + dt.timedelta(minutes=1)))
    landing.seal()
    (after,) = parsed_files(tmp_path / "parsed", landing, NEWS)
    assert after != before
    assert pq.read_metadata(after).num_rows == 2


def test_an_interrupted_write_leaves_nothing(tmp_path: Path):
    def torn():
        yield list_page([(3, 1, "셋", DAY)], AT)
        raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space"):
        write_parsed(tmp_path / "x.parquet", torn(), NEWS)
    assert not any(tmp_path.iterdir())
