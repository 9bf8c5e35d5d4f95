"""urls: documents, canonical links and listings, at every rewrite level."""

import pytest

from orchestration.parse.urls import absolute, board_address, canonical_link, current_url, document_id, link, site_root, view_of


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/news/71603", 71603),
        ("/news/71603?page=2", 71603),
        ("/news/71603#comment", 71603),
        ("/71603", 71603),
        ("/vid/news/71603", 71603),
        ("/?document_srl=71603", 71603),
        ("/index.php?page=2&mid=news&document_srl=71603", 71603),
        ("/index.php?mid=news&amp;document_srl=71603", 71603),
        ("/news/71603/comment/72192", 71603),
        ("https://h.example/news/71603", 71603),
        ("/news", None),
        ("/news?page=2", None),
        ("/newsx/category/76", None),
        ("/news/page/2", None),
        ("/files/attach/images/2026", None),
        ("#comment_72192", None),
        ("/news/0", None),
        ("/news/" + "9" * 4400, None),
        ("http://[", None),
        (None, None),
    ],
)
def test_a_link_names_its_document(url: str | None, expected: int | None) -> None:
    assert document_id(url) == expected
    if url:
        assert link(url, "https://h.example/news")[0] == expected


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("/news/71603?page=2", "https://h.example/news/71603"),
        ("/news/71603#comment", "https://h.example/news/71603"),
        ("https://other.example/news/71603?page=2", "https://other.example/news/71603"),
        ("/index.php?page=2&mid=news&document_srl=71603", "https://h.example/index.php?mid=news&document_srl=71603"),
        ("?mid=news&document_srl=71603", "https://h.example/news?mid=news&document_srl=71603"),
        ("71603", "https://h.example/71603"),
    ],
)
def test_a_canonical_link_drops_page_and_search(href: str, expected: str) -> None:
    if href.startswith("?"):
        assert link(href, "https://h.example/news")[0] == 71603
    else:
        assert link(href, "https://h.example/news") == (71603, expected)


def test_without_a_host_there_is_an_id_and_no_link() -> None:
    assert link("/news/71603", None) == (71603, None)
    assert link("/index.php?document_srl=5", None) == (5, None)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/news", "all"),
        ("/news?page=7", "all"),
        ("/news?search_target=&search_keyword=&category=", "all"),
        ("/news?sort_index=list_order&order_type=asc", "all"),
        ("/news?search_target=regdate&search_keyword=20250204", "search"),
        ("/news/71603?search_keyword=x&category=3", "search"),
        ("/newsx/category/76?page=3", "category"),
        ("/newsx?category=76", "category"),
        ("/news?sort_index=regdate&order_type=desc", "sorted"),
        ("/news?order_type=desc", "sorted"),
        (None, "all"),
    ],
)
def test_an_address_says_which_listing_it_asks_for(url: str | None, expected: str) -> None:
    assert view_of(url) == expected


def test_a_page_says_where_it_is() -> None:
    head = "<link rel='stylesheet' href='/canonical.css'><link href=\"http://h.example/a/1?x=1&amp;y=2\" rel=\"canonical\">"
    assert canonical_link(head) == "http://h.example/a/1?x=1&y=2"
    assert canonical_link("<title>canonical</title>") is None
    assert current_url('var current_url = "http://h.example/?mid=a&amp;page=2";') == "http://h.example/?mid=a&page=2"
    assert current_url("nothing") is None


def test_pictures_are_relative_to_the_site() -> None:
    assert site_root('<base href="https://h.example/xe/">', "https://h.example/xe/a/1") == "https://h.example/xe/"
    assert site_root('var request_uri = "https://h.example/xe/";', None) == "https://h.example/xe/"
    assert site_root("", "https://h.example/a/1") == "https://h.example/"
    assert site_root("", None) is None


def test_only_the_web_is_an_address() -> None:
    assert absolute("javascript:alert(1)", "https://h.example/") is None
    assert absolute("data:image/gif;base64,R0", "https://h.example/") is None
    assert absolute("//cdn.example/a.jpg", "https://h.example/") == "https://cdn.example/a.jpg"
    assert absolute("a.jpg", None) is None


@pytest.mark.parametrize(
    ("url", "board"),
    [
        ("https://board.example/news/71603", "https://board.example/news"),
        ("https://board.example/site/news/71603/title", "https://board.example/site/news"),
        ("https://board.example/index.php?mid=news&document_srl=71603", "https://board.example/index.php?mid=news"),
        ("https://board.example/71603", "https://board.example/"),
        ("https://board.example/?document_srl=71603", "https://board.example/"),
        ("/news/71603", None),
        ("http://[bad/71603", None),
    ],
)
def test_an_article_s_address_tells_its_board_s(url: str, board: str | None) -> None:
    assert board_address(url, 71603) == board
