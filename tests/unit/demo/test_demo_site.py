import datetime as dt
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.demo.content import KST, DemoBoard, generate
from orchestration.demo.site import Answer, Site

END = dt.date(2026, 11, 20)
NOW = dt.datetime(2026, 11, 21, 9, tzinfo=KST)
BROWSER = {"user-agent": "python-requests/2.32"}
PHONE = {"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)"}
ROBOT = {"user-agent": "boardhouse/0.1 (+https://boardhouse.example)"}


def make_site(**options: object) -> Site:
    return Site(generate(1, END, days=10, posts=300, **options), now=lambda: NOW)  # type: ignore[arg-type]


@pytest.fixture
def site() -> Site:
    return make_site()


@pytest.fixture
def board(site: Site) -> DemoBoard:
    return site.boards["news"]


def get(site: Site, target: str, **headers: str) -> Answer:
    return site.answer("GET", target, {**BROWSER, **{name.replace("_", "-"): value for name, value in headers.items()}})


def text(answer: Answer) -> str:
    return answer.body.decode()


def numbers(answer: Answer) -> list[str]:
    """The number cells of the list, as shown."""
    return [cell.strip() for cell in re.findall(r'<td class="no">(.*?)</td>', text(answer), re.S)]


def links(answer: Answer) -> list[int]:
    """The ids of the list's rows, notices left out."""
    rows = re.findall(r"<tr>.*?</tr>", text(answer).split("<tbody>")[1], re.S)
    return [int(found[1]) for row in rows if (found := re.search(r'href="/news/(\d+)', row))]


def cookie(answer: Answer) -> str:
    return "; ".join(value.split(";")[0] for value in answer.cookies)


def without_csrf(answer: Answer) -> bytes:
    return re.sub(rb'csrf-token" content="[^"]*"', b"", answer.body)


# Lists.


def test_a_number_is_the_post_s_place_from_the_oldest(site: Site, board: DemoBoard) -> None:
    total = len(board.listed)
    assert numbers(get(site, "/news")) == [str(total - place) for place in range(20)]
    assert numbers(get(site, "/news?page=3")) == [str(total - 40 - place) for place in range(20)]
    last = site.page_count()
    assert numbers(get(site, f"/news?page={last}"))[-1] == "1"
    assert links(get(site, f"/news?page={last}"))[-1] == board.listed[0].srl


def test_a_new_post_shifts_pages_and_keeps_numbers(site: Site) -> None:
    before = dict(zip(links(get(site, "/news")), numbers(get(site, "/news")), strict=True))
    added = site.add_post()
    after = dict(zip(links(get(site, "/news")), numbers(get(site, "/news")), strict=True))
    assert next(iter(after)) == added
    assert all(before[srl] == number for srl, number in after.items() if srl in before)
    dropped = set(before) - set(after)
    assert dropped == {links(get(site, "/news?page=2"))[0]}


def test_a_deletion_lowers_the_numbers_above_it_and_hides_a_row_from_a_sweep(site: Site) -> None:
    first = links(get(site, "/news"))
    hidden = links(get(site, "/news?page=2"))[0]
    top = int(numbers(get(site, "/news"))[0])
    site.delete_post(first[5])
    assert numbers(get(site, "/news"))[:6] == [str(top - 1 - place) for place in range(6)]
    assert hidden not in links(get(site, "/news?page=2"))
    assert get(site, f"/news/{first[5]}").status == 404


def test_a_secret_post_keeps_its_number_and_its_title(site: Site) -> None:
    first, count = links(get(site, "/news")), numbers(get(site, "/news"))[0]
    site.make_secret(first[3])
    page = get(site, "/news")
    assert (links(page), numbers(page)[0]) == (first, count)
    assert "secret.gif" in text(page)


def test_a_pinned_post_leaves_the_ranks_and_stands_on_every_page(site: Site) -> None:
    first, count = links(get(site, "/news")), int(numbers(get(site, "/news"))[0])
    site.pin_notice(first[3])
    assert int(numbers(get(site, "/news"))[0]) == count - 1
    for page in (1, 2, 9999):
        assert f'href="/news/{first[3]}' in text(get(site, f"/news?page={page}")).split('class="no"')[0]


def test_notices_are_printed_past_the_end_too_with_status_200_and_no_marked_page(site: Site) -> None:
    last = site.page_count()
    answer = get(site, f"/news?page={last + 1}")
    assert answer.status == 200
    assert not links(answer)
    assert text(answer).count('<tr class="notice">') == 3
    pager = text(answer).split('class="pagination"')[1].split("</div>")[0]
    assert "<strong>" not in pager
    assert f"page={last}" in pager and f"page={last - 9}" in pager


def test_the_pager_shows_ten_pages_around_the_current_one(site: Site) -> None:
    pager = text(get(site, "/news?page=8")).split('class="pagination"')[1].split("</div>")[0]
    assert re.findall(r">(\d+)<", pager) == [str(page) for page in range(3, 13)]
    assert "<strong>8</strong>" in pager


@pytest.mark.parametrize(("asked", "shown"), [("0", 1), ("abc", 1), ("1'", 1), ("2.5", 2), ("3", 3)])
def test_pages_are_read_as_php_reads_them(site: Site, asked: str, shown: int) -> None:
    assert f"<strong>{shown}</strong>" in text(get(site, f"/news?page={asked}"))


def test_a_negative_page_breaks_the_server(site: Site) -> None:
    assert get(site, "/news?page=-1").status == 500


@pytest.mark.parametrize(
    "form", ["/news?page=2", "/NEWS?page=2", "/news/?page=2", "/index.php?mid=news&page=2", "/?page=2&mid=news"]
)
def test_every_form_of_a_list_link_answers_the_same_list(site: Site, form: str) -> None:
    assert links(get(site, form)) == links(get(site, "/news?page=2"))


def test_rows_carry_the_page_in_their_links_but_on_page_1(site: Site) -> None:
    srl = links(get(site, "/news?page=2"))[0]
    assert f'href="/news/{srl}?page=2"' in text(get(site, "/news?page=2"))
    assert "?page=" not in text(get(site, "/news")).split("list_footer")[0]


def test_comment_badges_are_absent_at_zero(site: Site, board: DemoBoard) -> None:
    page = text(get(site, "/news"))
    for srl in links(get(site, "/news")):
        count = board.posts[srl].comment_count
        assert (f'href="/news/{srl}#comment" class="replyNum" title="Replies">[{count}]' in page) == (count > 0)


def test_dates_are_days_also_for_a_post_of_this_minute(site: Site) -> None:
    site.add_post()
    assert re.findall(r'<td class="time">([^<]*)</td>', text(get(site, "/news")))[3] == "2026.11.21"


def test_a_post_dated_back_stands_on_page_1(site: Site) -> None:
    srl = site.add_post("[정정] 지난달 기사", regdate="2026-10-01T08:00:00+09:00")
    page = get(site, "/news")
    assert links(page)[0] == srl
    assert "2026.10.01" in text(page)


OPERATIONS = st.lists(
    st.tuples(st.sampled_from(["add", "add back", "delete", "secret", "pin", "unpin", "move", "edit"]), st.integers(0, 10**6)),
    max_size=12,
)


@given(OPERATIONS)
@settings(max_examples=30, deadline=None)
def test_after_any_changes_a_sweep_shows_every_post_once_under_its_rank(operations: list[tuple[str, int]]) -> None:
    site = make_site()
    board = site.boards["news"]
    for name, chance in operations:
        srl = sorted(board.posts)[chance % len(board.posts)]
        match name:
            case "add":
                site.add_post()
            case "add back":
                site.add_post(regdate=NOW - dt.timedelta(days=chance % 300))
            case "delete":
                site.delete_post(srl)
            case "secret":
                site.make_secret(srl)
            case "pin" | "unpin":
                site.pin_notice(srl, name == "pin")
            case "move":
                site.move(srl, "free")
            case "edit":
                site.edit_post(srl)
    seen = []
    for page in range(1, site.page_count() + 1):
        answer = get(site, f"/news?page={page}")
        seen += zip(links(answer), map(int, numbers(answer)), strict=True)
    assert seen == [(row.document_id, row.post_no) for row in site.true_rows() if not row.is_notice]
    assert [number for _, number in seen] == list(range(len(seen), 0, -1))


# Searches.


def test_a_date_search_finds_the_day_with_numbers_of_its_own_and_no_secret_posts(site: Site, board: DemoBoard) -> None:
    day = [post for post in board.listed if post.regdate.date() == dt.date(2026, 11, 18)]
    site.make_secret(day[2].srl)
    found = [post.srl for post in day if not board.posts[post.srl].is_secret]
    shown: list[int] = []
    for page in (1, 2, 3):
        answer = get(site, f"/news?search_target=regdate&search_keyword=20261118&page={page}")
        shown += links(answer)
        assert numbers(answer)[:1] == [str(len(found) - 20 * (page - 1))][: len(numbers(answer))]
    assert shown == found[::-1]
    assert 'value="regdate"' in text(get(site, "/news"))


@pytest.mark.parametrize("keyword", ["2026-11-18", "2026111808", "202611", "2026"])
def test_a_date_search_takes_any_prefix_of_digits(site: Site, board: DemoBoard, keyword: str) -> None:
    digits = keyword.replace("-", "")
    expected = [p.srl for p in board.listed if f"{p.regdate:%Y%m%d%H%M%S}".startswith(digits) and not p.is_secret]
    assert links(get(site, f"/news?search_target=regdate&search_keyword={keyword}")) == expected[::-1][:20]


def test_sorting_by_date_ascending_numbers_the_oldest_highest(site: Site, board: DemoBoard) -> None:
    answer = get(site, "/news?sort_index=regdate&order_type=asc")
    assert links(answer)[0] == board.listed[0].srl
    assert numbers(answer)[0] == str(len(board.listed))


def test_a_category_has_numbers_of_its_own() -> None:
    site = make_site(skin="xedition", categories=("정치", "경제"))
    count = sum(post.category == "경제" for post in site.boards["news"].listed)
    for form in ("/news/category/77", "/news?category=77"):
        assert numbers(get(site, form))[0] == str(count)


# Articles.


@pytest.fixture
def old(board: DemoBoard) -> int:
    """The id of a post on page 4."""
    return next(post.srl for post in board.listed[-70:] if not post.is_secret)


def shown_page(answer: Answer) -> int:
    return int(re.findall(r"<strong>(\d+)</strong>", text(answer).split('class="pagination"')[1])[0])


def test_a_stranger_s_article_shows_page_1_below_it(site: Site, old: int) -> None:
    assert shown_page(get(site, f"/news/{old}")) == 1
    assert shown_page(get(site, f"/news/{old}?page=3")) == 1
    assert "&raquo;" not in text(get(site, f"/news/{old}"))


def test_with_a_referer_or_a_session_the_article_s_own_page_is_below_it(site: Site, old: int) -> None:
    kept = cookie(get(site, "/news"))
    for headers in ({"referer": "http://x/"}, {"cookie": kept}):
        answer = get(site, f"/news/{old}", **headers)
        assert shown_page(answer) == 4
        place = links(answer).index(old)
        assert numbers(answer)[place] == "&raquo;"
        assert int(numbers(answer)[place - 1]) - int(numbers(answer)[place + 1]) == 2
    assert shown_page(get(site, f"/news/{old}?page=2", cookie=kept)) == 2


def test_a_robot_gets_page_1_whatever_it_sends(site: Site, old: int) -> None:
    kept = cookie(get(site, "/news"))
    answer = site.answer("GET", f"/news/{old}?page=3", {**ROBOT, "cookie": kept, "referer": "http://x/"})
    assert shown_page(answer) == 1


def test_an_unknown_cookie_makes_no_session(site: Site, old: int) -> None:
    assert shown_page(get(site, f"/news/{old}", cookie="PHPSESSID=0123456789abcdef")) == 1


@pytest.mark.parametrize(
    "agent", ["Googlebot/2.1", "curl/8.5", "x (+http://a.example)", "x (me@a.example)", "Wget/1", "Scrapy spider"]
)
def test_robots_are_told_by_their_agent(site: Site, old: int, agent: str) -> None:
    answer = site.answer("GET", f"/news/{old}", {"user-agent": agent, "referer": "http://x/"})
    assert shown_page(answer) == 1


@pytest.mark.parametrize("form", ["/{}", "/?document_srl={}", "/newsx/{}"])
def test_a_link_without_its_board_is_moved_to_it(site: Site, old: int, form: str) -> None:
    answer = get(site, form.format(old))
    assert (answer.status, answer.headers["Location"], answer.body) == (301, f"http://127.0.0.1/news/{old}", b"")


@pytest.mark.parametrize("form", ["/news?document_srl={}", "/?mid=news&document_srl={}", "/index.php?mid=news&document_srl={}"])
def test_a_link_by_parameters_answers_the_article(site: Site, old: int, form: str) -> None:
    assert f"BeforeDocument({old}," in text(get(site, form.format(old)))


@pytest.mark.parametrize("target", ["/nosuchboard", "/robots.txt", "/sitemap.xml", "/news/page/2", "/news/{}/", "/9", "/news/9"])
def test_what_is_not_there_answers_404(site: Site, old: int, target: str) -> None:
    assert get(site, target.format(old)).status == 404


def test_only_get_is_allowed(site: Site) -> None:
    assert site.answer("HEAD", "/news", BROWSER).status == 405


def test_a_secret_post_shows_title_author_and_date_but_a_password_form(site: Site, board: DemoBoard, old: int) -> None:
    site.make_secret(old)
    answer = get(site, f"/news/{old}")
    assert answer.status == 403
    post = board.posts[old]
    for shown in (f"{post.regdate:%Y.%m.%d %H:%M}", "비밀글입니다", 'type="password"', 'id="board_list"'):
        assert shown in text(answer)
    assert "BeforeDocument" not in text(answer) and post.body().markup not in text(answer)


def test_a_moved_post_answers_301_from_its_old_link(site: Site, old: int) -> None:
    total = len(site.true_rows())
    site.move(old, "free")
    assert get(site, f"/news/{old}").headers["Location"] == f"http://127.0.0.1/free/{old}"
    assert get(site, f"/free/{old}").status == 200
    assert (len(site.true_rows()), len(site.true_rows("free"))) == (total - 1, 1)


def test_an_edit_shows_in_the_text_alone(site: Site, old: int) -> None:
    before, row = get(site, "/news?page=4"), next(r for r in site.true_rows() if r.document_id == old)
    truth = next(a for a in site.true_articles() if a.document_id == old)
    site.edit_post(old)
    edited = next(a for a in site.true_articles() if a.document_id == old)
    assert edited.blocks != truth.blocks
    assert without_csrf(get(site, "/news?page=4")) == without_csrf(before)
    assert next(r for r in site.true_rows() if r.document_id == old) == row
    site.edit_post(old, title="[정정] 새 <제목>", paragraphs=["하나 & 둘.", "셋."])
    assert "[정정] 새 &lt;제목&gt;" in text(get(site, "/news?page=4"))
    assert "<p>하나 &amp; 둘.</p>" in text(get(site, f"/news/{old}"))


def test_a_post_can_be_dated_anew_in_its_place(site: Site, board: DemoBoard, old: int) -> None:
    place = board.rank(old)
    site.edit_post(old, regdate="2026-11-12T00:30:00+00:00")
    row = next(r for r in site.true_rows() if r.document_id == old)
    assert (row.listed_on, row.post_no) == (dt.date(2026, 11, 12), place)
    assert old in links(get(site, "/news?search_target=regdate&search_keyword=2026111209"))
    with pytest.raises(ValueError, match="zone"):
        site.edit_post(old, regdate="2026-11-12T09:30:00")


def test_comments_stand_below_the_article_and_look_like_articles(site: Site, board: DemoBoard) -> None:
    post = next(p for p in board.listed if p.comment_count > 3 and not p.is_secret)
    page = text(get(site, f"/news/{post.srl}"))
    assert page.count("<!--BeforeComment(") == post.comment_count
    assert page.index("AfterDocument") < page.index("BeforeComment") < page.index('id="board_list"')


def test_views_rise_once_per_session_and_never_for_robots(site: Site, old: int) -> None:
    def views() -> int:
        return int(re.findall(r"조회 수:(\d+)", text(site.answer("GET", f"/news/{old}", ROBOT)))[0])

    before = views()
    kept = cookie(get(site, f"/news/{old}"))
    get(site, f"/news/{old}", cookie=kept)
    assert views() == before + 1
    get(site, f"/news/{old}")
    assert views() == before + 2


def test_an_article_page_is_heavy_with_navigation(site: Site, old: int) -> None:
    assert 28_000 < len(get(site, f"/news/{old}").body) < 60_000
    assert 18_000 < len(get(site, "/news").body) < 30_000


# What stays and what changes between two fetches.


def test_two_strangers_pages_differ_in_the_csrf_token_alone(site: Site) -> None:
    one, two = get(site, "/news"), get(site, "/news")
    assert one.body != two.body
    assert without_csrf(one) == without_csrf(two)


def test_one_session_s_pages_are_equal_to_the_byte(site: Site) -> None:
    kept = cookie(get(site, "/news"))
    again = get(site, "/news", cookie=kept)
    assert again.body == get(site, "/news", cookie=kept).body
    assert not again.cookies


def test_the_same_seed_serves_the_same_bytes() -> None:
    one, two = make_site(), make_site()
    targets = ["/news", "/news?page=7", *(f"/news/{srl}" for srl in one.boards["news"].posts)]
    for target in targets:
        assert without_csrf(get(one, target)) == without_csrf(get(two, target))


def test_nothing_can_be_cached(site: Site) -> None:
    headers = get(site, "/news").headers
    assert "no-store" in headers["Cache-Control"]
    assert "ETag" not in headers
    assert headers["Content-Type"] == "text/html; charset=UTF-8"
    assert get(site, "/news", if_modified_since="Fri, 01 Jan 2100 00:00:00 GMT").status == 200


# Other views.


def test_a_phone_or_m_1_gets_the_mobile_view_and_the_choice_sticks(site: Site, board: DemoBoard, old: int) -> None:
    mobile = get(site, "/news?m=1")
    assert '<ul class="lt">' in text(mobile) and "td class" not in text(mobile)
    assert f"[{len(board.listed)}]" in text(mobile) and f"1 / {site.page_count()}" in text(mobile)
    assert '<ul class="lt">' in text(site.answer("GET", "/news", PHONE))
    kept = cookie(mobile)
    assert '<ul class="lt">' in text(get(site, "/news", cookie=kept))
    assert "td class" in text(get(site, "/news?m=0", cookie=kept))
    assert "td class" in text(site.answer("GET", "/news", {"user-agent": "another", "cookie": kept}))
    assert f"{board.posts[old].regdate:%Y.%m.%d %H:%M:%S}" in text(get(site, f"/news/{old}?m=1"))


def test_feeds_hold_the_15_newest_with_seconds_and_offset_and_no_secret_ones(site: Site, board: DemoBoard) -> None:
    site.make_secret(board.listed[-1].srl)
    newest = [post for post in board.listed if not post.is_secret][::-1]
    rss = ElementTree.fromstring(get(site, "/news/rss").body)
    dates = [item.text for item in rss.iterfind("./channel/item/pubDate")]
    assert len(dates) == 15 and all(date and date.endswith(" +0900") for date in dates)
    assert dates[0] == f"{newest[0].regdate:%a, %d %b %Y %H:%M:%S} +0900"
    second = ElementTree.fromstring(get(site, "/index.php?mid=news&act=rss&page=2").body)
    assert (second.findtext("./channel/item/guid") or "").endswith(str(newest[15].srl))
    atom = ElementTree.fromstring(get(site, "/news/atom").body)
    name = "{http://www.w3.org/2005/Atom}"
    assert atom.findtext(f"{name}entry/{name}published") == newest[0].regdate.isoformat()


def test_rates_are_served_in_the_central_bank_s_form(site: Site, board: DemoBoard) -> None:
    assert board.rates is not None
    name = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}"
    daily = ElementTree.fromstring(get(site, "/rates/eurofxref-daily.xml").body)
    days = daily.findall(f"./{name}Cube/{name}Cube")
    assert [cube.get("time") for cube in days] == ["2026-11-20"]
    units = {cube.get("currency"): float(cube.get("rate") or 0) for cube in days[0]}
    krw = {currency: board.rates.on(currency, END)[1] for currency in ("USD", "EUR", "JPY")}
    assert units["KRW"] == pytest.approx(krw["EUR"], rel=1e-5)
    assert units["KRW"] / units["USD"] == pytest.approx(krw["USD"], rel=1e-5)
    assert units["KRW"] / units["JPY"] == pytest.approx(krw["JPY"], rel=1e-5)
    history = ElementTree.fromstring(get(site, "/rates/eurofxref-hist-90d.xml").body)
    assert len(history.findall(f"./{name}Cube/{name}Cube")) == 90
    assert get(site, "/rates/other.xml").status == 404


def test_a_cp949_board_says_so_in_header_and_meta_and_loses_no_character() -> None:
    site = make_site(charset="cp949")
    site.add_post("똠얌라면 📈 “완판”…檢", ["똠방각하도 📈 놀랐다."])
    answer = get(site, "/news")
    assert answer.headers["Content-Type"] == "text/html; charset=EUC-KR"
    page = answer.body.decode("cp949")
    assert '<meta charset="euc-kr">' in page
    assert "똠얌라면 &#128200; “완판”…檢" in page
    with pytest.raises(UnicodeDecodeError):
        answer.body.decode("euc_kr")


def test_an_old_xe_board_has_no_status_for_what_is_missing_and_no_robot_rule() -> None:
    site = make_site(engine="xe")
    board = site.boards["news"]
    missing = get(site, "/news/9")
    assert missing.status == 200 and "alert(" in text(missing) and "board_list" not in text(missing)
    assert shown_page(site.answer("GET", f"/news/{board.listed[-70].srl}", ROBOT)) == 4
    assert 'class="document_' in text(get(site, f"/news/{board.listed[-70].srl}"))
    assert "rhymix" not in text(get(site, "/news")).lower()


def test_sketchbook5_has_its_own_table_and_head() -> None:
    site = make_site(skin="sketchbook5", categories=("정치", "경제"))
    page = text(get(site, "/news"))
    for part in ('class="bd_lst bd_tb_lst bd_tb"', 'class="hx"', '<td class="cate">', "<strong>공지</strong>", 'class="m_no"'):
        assert part in page
    post = site.boards["news"].listed[-3]
    article = text(get(site, f"/news/{post.srl}", referer="http://x/"))
    for part in ("rd_hd", "rd_body", '<tr class="select">', f"nick member_{post.member_srl}"):
        assert part in article


# The site itself.


def test_robots_txt_can_be_set() -> None:
    site = Site(generate(1, END, days=1, posts=5), robots="User-agent: *\nDisallow: /\n")
    assert get(site, "/robots.txt").body == b"User-agent: *\nDisallow: /\n"


def test_a_site_refuses_two_boards_of_one_name() -> None:
    with pytest.raises(ValueError, match="same mid"):
        Site(generate(1, END, days=1, posts=5), generate(1, END, days=1, posts=5, lane=1))


@pytest.mark.parametrize("call", ["delete_post", "edit_post", "make_secret", "pin_notice"])
def test_a_change_to_an_unknown_post_is_refused(site: Site, call: str) -> None:
    with pytest.raises(KeyError, match="no post 9"):
        getattr(site, call)(9)


def test_an_added_post_takes_the_next_free_id(site: Site) -> None:
    one, two = site.add_post(), site.add_post(is_secret=True)
    assert one < two
    assert get(site, f"/news/{two}").status == 403
    with pytest.raises(KeyError, match="taken"):
        site.add_post(srl=one)
