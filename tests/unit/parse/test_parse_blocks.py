"""body_lines and read_blocks: what each line of an article is."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from orchestration.parse.blocks import credit_of, read_blocks
from orchestration.parse.body import Line, body_lines, fold, text_lines
from orchestration.parse.records import Block

IMAGE = '<p><img src="/a.jpg"></p>'
SENTENCE = "시는 2일 강변을 잇는 보행교를 열고 시민을 맞았다. 공사에는 세 해가 걸렸고 모두 3억 달러가 들었다고 한다."


def lines(html: str) -> tuple[Line, ...]:
    root = LexborHTMLParser(html).body
    assert root is not None
    return body_lines(root, "https://h.example/daily/1")[0]


def blocks(html: str) -> list[tuple[str, str, str | None]]:
    return [(block.kind, block.text, block.credit) for block in read_blocks(lines(html))[0]]


def kinds(html: str) -> list[str]:
    return [kind for kind, _, _ in blocks(html)]


def source(html: str) -> str | None:
    return read_blocks(lines(html))[1]


def test_whitespace_is_folded_and_blank_lines_are_counted() -> None:
    read = lines("<p>하나\n\t 둘&nbsp; 셋</p><p>&nbsp;</p><p> \u200b</p><div><p></p></div><p>넷<br><br>다섯<br>여섯</p>")
    assert [(line.text, line.gap) for line in read] == [("하나 둘 셋", 0), ("넷", 3), ("다섯", 1), ("여섯", 0)]


def test_joiners_stay_since_emoji_are_made_with_them() -> None:
    assert fold(" 👩\u200d🔬\u200b 연구 ") == "👩\u200d🔬 연구"


def test_what_a_reader_does_not_see_is_no_text() -> None:
    html = (
        "<p>글<script>var x = 'y';</script><style>p{}</style><!-- 주석 --></p><p style='display: none'>숨김</p><iframe>틀</iframe>"
    )
    assert [line.text for line in lines(html)] == ["글"]


def test_entities_are_read_once() -> None:
    assert [line.text for line in lines("<p>A &amp;amp; B &lt;p&gt;</p>")] == ["A &amp; B <p>"]


def test_cells_lists_and_preformatted_lines_are_lines() -> None:
    html = "<table><tr><td>가</td><td>나</td></tr><tr><td>다</td></tr></table><ul><li>라</li><li>마</li></ul><pre>바\n사</pre>"
    assert [line.text for line in lines(html)] == ["가 나", "다", "라", "마", "바", "사"]


def test_any_depth_is_walked() -> None:
    deep = 3000
    assert [line.text for line in lines("<div>" * deep + "바닥" + "</div>" * deep)] == ["바닥"]


def test_pictures_are_counted_and_their_addresses_absolute() -> None:
    root = LexborHTMLParser('<p><img src="a.jpg"><img><img src="//cdn.example/b.jpg"></p><p>▲ 설명</p>').body
    assert root is not None
    read, count = body_lines(root, "https://h.example/daily/1")
    assert (count, read[0].image_url) == (2, "https://cdn.example/b.jpg")


@pytest.mark.parametrize(
    ("caption", "credit"),
    [
        ("시민들이 다리를 건너고 있다. 뉴스1", "뉴스1"),
        ("시민들이 다리를 건너고 있다. AFP=연합뉴스", "AFP=연합뉴스"),
        ("시민들이 다리를 건너고 있다. [사진=뉴시스]", "뉴시스"),
        ("시민들이 다리를 건너고 있다. (사진=서울시 제공)", "서울시 제공"),
        ("시민들이 다리를 건너고 있다. / 사진=김하늘 기자", "김하늘 기자"),
        ("시민들이 다리를 건너고 있다. ⓒ 구름뉴스", "구름뉴스"),
        ("시민들이 다리를 건너고 있다. 서울시 제공", "서울시 제공"),
        ("시민들이 다리를 건너고 있다. /연합뉴스", "연합뉴스"),
        ("“다리가 열렸다.” 로이터=뉴스1", "로이터=뉴스1"),
        ("(연합뉴스)", "연합뉴스"),
    ],
)
def test_a_line_that_ends_in_a_photo_credit_is_a_caption(caption: str, credit: str) -> None:
    assert blocks(f"<p>{SENTENCE}</p><p>{caption}</p><p>{SENTENCE}</p>")[1] == ("caption", caption, credit)


@pytest.mark.parametrize(
    "text",
    [
        SENTENCE,
        "그는 이 소식을 뉴스1에 알렸다.",
        "이 소식은 연합뉴스가 처음 전했다. 그는 부인했다",
        "그는 말했다. 홍길동 기자",
        "본지 기사의 저작권은 하늘에 있다. ⓒ 무단 전재 및 재배포 금지",
    ],
)
def test_a_sentence_is_no_caption(text: str) -> None:
    assert kinds(f"<p>{SENTENCE}</p><p>{text}</p><p>{SENTENCE}</p>")[1] == "paragraph"


@pytest.mark.parametrize(
    "markup",
    [
        IMAGE + "<p>▲ 새 다리를 건너는 시민들이 손을 흔들고 있다.</p>",
        IMAGE + "<p>새 다리 전경</p>",
        IMAGE + "<p>새 다리 전경 뉴스1</p>",
        IMAGE + '<p><span style="color:#888">시민들이 다리를 건너고 있다.</span></p>',
        IMAGE + '<p style="text-align: center">시민들이 다리를 건너고 있다.</p>',
        '<p><img src="/a.jpg"><br>시민들이 다리를 건너고 있다.</p>',
        '<figure><img src="/a.jpg"><figcaption>시민들이 다리를 건너고 있다.</figcaption></figure>',
        IMAGE + "<p>시민들이 다리를 건너고 있다. 홍길동 기자</p>",
    ],
)
def test_a_line_beside_an_image_is_a_caption_with_its_address(markup: str) -> None:
    read, _ = read_blocks(lines(f"<p>{SENTENCE}</p>{markup}<p>{SENTENCE}</p>"))
    assert (read[1].kind, read[1].image_url) == ("caption", "https://h.example/a.jpg")
    assert read[2] == Block("paragraph", SENTENCE)


def test_a_paragraph_below_an_image_without_a_caption_stays_one() -> None:
    assert kinds(f"{IMAGE}<p>{SENTENCE}</p><p>{SENTENCE}</p>") == ["paragraph", "paragraph"]


def test_a_description_and_the_credit_below_it_are_one_caption() -> None:
    read = blocks(f"{IMAGE}<p>시민들이 다리를 건너고 있다.</p><p>[사진=뉴스1]</p><p>{SENTENCE}</p>")
    assert read == [("caption", "시민들이 다리를 건너고 있다. [사진=뉴스1]", "뉴스1"), ("paragraph", SENTENCE, None)]


@pytest.mark.parametrize(
    "markup",
    [
        "<h3>걸어서 12분</h3>",
        "<p><strong>걸어서 12분</strong></p>",
        '<p><span style="font-weight: 700">걸어서 12분</span></p>',
        "<p>&nbsp;</p><p>&nbsp;</p><p>걸어서 12분</p>",
        IMAGE + "<h3>걸어서 12분</h3>",
        IMAGE + "<p><b>걸어서 12분</b></p>",
    ],
)
def test_a_subheading_is_a_heading(markup: str) -> None:
    assert kinds(f"<p>{SENTENCE}</p>{markup}<p>{SENTENCE}</p>") == ["paragraph", "heading", "paragraph"]


@pytest.mark.parametrize(
    "markup",
    [
        "<p>그는 웃었다.</p>",
        "<p><strong>그는 크게 웃었다.</strong></p>",
        "<p><strong>그는</strong> 웃었다고 전했다</p>",
        "<p>&nbsp;</p><p>&nbsp;</p><p>- 첫째 항목</p>",
        "<p>&nbsp;</p><p>&nbsp;</p><p>“다리가 열렸다”</p>",
    ],
)
def test_a_short_line_is_no_heading_for_being_short(markup: str) -> None:
    assert kinds(f"<p>{SENTENCE}</p>{markup}<p>{SENTENCE}</p>")[1] == "paragraph"


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ("<p>&nbsp;</p><p>하늘바라기</p>", "하늘바라기"),
        ("<p>한강일보</p>", "한강일보"),
        ("<p>[출처] 구름 미디어</p>", "구름 미디어"),
        ("<p>출처: 구름 미디어</p>", "구름 미디어"),
        ("<p>&nbsp;</p><p>The River Times</p>", "The River Times"),
        ("<p>링크</p>", None),
        ("<p>&nbsp;</p><p>홍길동 기자</p>", None),
        ("<p>&nbsp;</p><p>끝</p>", None),
        ("<p>&nbsp;</p><p>그는 웃었다.</p>", None),
        ("<p>&nbsp;</p><p>2026</p>", None),
        (IMAGE + "<p>한강일보</p>", None),  # the picture's credit
    ],
)
def test_the_outlet_is_a_short_last_line(last: str, expected: str | None) -> None:
    html = f"<p>{SENTENCE}</p>{last}"
    assert source(html) == expected
    assert (len(blocks(html)) == 1) == (expected is not None)


def test_an_article_of_one_line_is_that_line() -> None:
    assert (blocks("<p>한강일보</p>"), source("<p>한강일보</p>")) == ([("paragraph", "한강일보", None)], None)


def test_plain_text_follows_the_same_rules() -> None:
    read, outlet = read_blocks(text_lines(["다리 전경. 뉴스1", "", SENTENCE, "", "", "", "걸어서 12분", SENTENCE, "", "한강일보"]))
    assert ([block.kind for block in read], outlet) == (["caption", "paragraph", "heading", "paragraph"], "한강일보")


def test_a_credit_is_looked_for_at_the_end_only() -> None:
    assert credit_of("[사진=뉴스1] 뒤에 글이 이어진다") is None
    assert credit_of("가" * 100_000) is None
