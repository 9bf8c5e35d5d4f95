"""What a page keeps when a document of it is forgotten: everything of all others, and nothing of it but its place."""

import datetime as dt

import pytest
from pages import article_html, article_page, document, list_html, list_page, response

from orchestration.demo.content import KST, generate
from orchestration.demo.site import Site
from orchestration.forget.landed import page_of
from orchestration.forget.pages import FORGOTTEN, scrub
from orchestration.landing.records import Response

NOW = dt.datetime(2026, 3, 16, 3, tzinfo=dt.UTC)
DAY = dt.date(2026, 3, 15)
ROWS = [(30, 12, "셋째 <글>", DAY), (20, 11, "지워야할 제목 & 말", DAY), (10, 10, "첫째 글", DAY)]


def read(landed: Response):
    return page_of(landed, None)


def scrubbed(landed: Response, *documents: int):
    return scrub(landed, set(documents or (20,)), read, NOW)


def test_a_row_of_a_list_keeps_its_place_and_says_nothing():
    landed = list_page(ROWS, NOW)
    done = scrubbed(landed)
    before, after = read(landed), read(done.response)
    assert [row for row in after.rows if row.document_id != 20] == [row for row in before.rows if row.document_id != 20]
    (row,) = [row for row in after.rows if row.document_id == 20]
    assert (row.post_no, row.listed_on, row.title, row.author) == (11, DAY, FORGOTTEN, None)
    assert "지워야할" not in done.response.body.decode()
    assert (done.response.response_id, done.is_emptied) == (landed.response_id, False)
    assert done.response.note.endswith("documents forgotten]")


def test_doing_it_again_changes_nothing():
    once = scrubbed(list_page(ROWS, NOW)).response
    assert scrubbed(once).response is once
    emptied = scrubbed(article_page(20, "지워야할 제목", "2026.03.15 10:00", ["글"], NOW)).response
    assert scrubbed(emptied).response is emptied


def test_a_page_that_says_nothing_of_it_stays_the_same_object():
    landed = list_page([row for row in ROWS if row[0] != 20], NOW)
    assert scrubbed(landed).response is landed
    # Its number stands there, as a count of something else.
    counted = list_page([(30, 20, "셋째 글", DAY)], NOW)
    assert scrubbed(counted).response is counted


def test_an_answer_about_it_is_emptied_and_its_record_stays():
    landed = article_page(20, "지워야할 제목", "2026.03.15 10:00", ["본문"], NOW, note="new [row 0badcafe]")
    done = scrubbed(landed)
    assert (done.response.body, done.is_emptied) == (b"", True)
    assert (done.response.url, done.response.fetched_at, done.response.status) == (landed.url, landed.fetched_at, 200)
    assert done.response.note.startswith("new [row 0badcafe]")


def test_the_list_below_it_stays():
    content = article_html(20, "지워야할 제목 & 말", "2026.03.15 10:00", ["지워야할 본문이다. 길게 쓴다."], below=list_html(ROWS))
    landed = response(document(content), "/news/20", NOW, purpose="article", document_id=20)
    before, done = read(landed), scrubbed(landed)
    after = read(done.response)
    assert (before.kind, after.kind) == ("article+list", "list")
    assert [row.document_id for row in after.rows] == [30, 20, 10]
    assert "지워야할" not in done.response.body.decode()


def test_an_article_above_a_list_that_shows_it_stays():
    content = article_html(10, "첫째 글", "2026.03.15 10:00", ["본문이다."], below=list_html(ROWS))
    landed = response(document(content), "/news/10", NOW, purpose="article", document_id=10)
    done = scrubbed(landed)
    assert read(done.response).article == read(landed).article
    assert "지워야할" not in done.response.body.decode()


def test_a_link_elsewhere_on_a_page_loses_its_words():
    content = '<a href="/news/20" title="지워야할 제목">지워야할 <b>제목</b></a>' + list_html([ROWS[0]])
    done = scrubbed(response(document(content), "/news", NOW))
    assert "지워야할" not in done.response.body.decode()
    assert [row.document_id for row in read(done.response).rows] == [30]


def test_where_it_cannot_be_told_apart_the_whole_page_goes():
    # A title in a place that no markup says is its own, and too short to be looked for everywhere.
    hidden = list_html([ROWS[0], (20, 11, "속보", DAY)]).replace('href="/news/20"', 'href="/news/20" onclick="say(\'속보\')"')
    done = scrubbed(response(document(hidden), "/news", NOW))
    assert not done.is_emptied  # short: what is left of it says nothing of the document
    broken = list_html(ROWS).replace(f'<td class="time">{DAY:%Y.%m.%d}</td></tr>', "</tr>", 2)
    done = scrubbed(response(document(broken), "/news", NOW))
    assert "지워야할" not in done.response.body.decode()


def test_page_text_loses_the_line_or_the_whole():
    lines = (
        "번호 제목 글쓴이 날짜",
        "12 셋째 글 기자실 2026.03.15",
        "11 지워야할 제목 아무개 2026.03.15",
        "10 첫째 글 기자실 2026.03.15",
    )
    text = "".join(f"{line}\n" for line in lines)
    landed = response(text.encode(), "/text", NOW, purpose="ingest", headers={})
    number = next(row.document_id for row in read(landed).rows if row.title.startswith("지워야할"))
    done = scrubbed(landed, number)
    assert done.is_changed
    assert "지워야할" not in done.response.body.decode()
    assert "아무개" not in done.response.body.decode()


@pytest.mark.parametrize("skin", ["default", "xedition", "sketchbook5"])
def test_every_page_of_the_bundled_board_in_each_skin(skin):
    site = Site(generate(seed=5, end_day=DAY, days=2, posts=30, skin=skin), now=lambda: dt.datetime(2026, 3, 16, 12, tzinfo=KST))
    rows = [row for row in site.true_rows("news") if not row.is_notice and len(row.title) > 6]
    gone = rows[3]
    for target in ("/news", f"/news/{gone.document_id}", f"/news/{rows[4].document_id}", "/news?page=2"):
        answer = site.answer("GET", target, {"host": "board.example"})
        is_article = "page" not in target and target != "/news"
        asked = int(target.rpartition("/")[2]) if is_article else None
        landed = response(answer.body, target, NOW, purpose="article" if asked else "list", document_id=asked)
        before = read(landed)
        done = scrubbed(landed, gone.document_id)
        after = read(done.response)
        assert gone.title not in done.response.body.decode()
        if before.rows and any(row.document_id == gone.document_id for row in before.rows):
            assert not done.is_emptied, (skin, target)
        kept = [row for row in before.rows if row.document_id != gone.document_id]
        assert [row for row in after.rows if row.document_id != gone.document_id] == kept
