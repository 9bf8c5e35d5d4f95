"""decode: what a page and its server say of its characters, and what the bytes say."""

import pytest

from orchestration.parse.encoding import decode

KOREAN = "똠방각하 펲시 1달러"


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (KOREAN.encode(), "text/html; charset=UTF-8", (KOREAN, "utf-8")),
        (KOREAN.encode("cp949"), "text/html; charset=EUC-KR", (KOREAN, "cp949")),
        (KOREAN.encode("cp949"), "text/html; charset=ks_c_5601-1987", (KOREAN, "cp949")),
        (KOREAN.encode("cp949"), None, (KOREAN, "cp949")),
        (KOREAN.encode("cp949"), "text/html; charset=utf-8", (KOREAN, "cp949")),  # the header lies
        (KOREAN.encode(), "text/html; charset=euc-kr", (KOREAN, "utf-8")),
        (KOREAN.encode(), "text/html; charset=ISO-8859-1", (KOREAN, "utf-8")),  # a server's default says nothing
        (KOREAN.encode(), "text/html; charset=nonsense", (KOREAN, "utf-8")),
        (KOREAN.encode(), "text/html; charset=base64", (KOREAN, "utf-8")),  # a codec, but none for text
        (KOREAN.encode("utf-8-sig"), "text/html; charset=euc-kr", (KOREAN, "utf-8-sig")),
        (KOREAN.encode("utf-16"), None, (KOREAN, "utf-16")),
        (b"", None, ("", "utf-8")),
    ],
)
def test_a_page_is_decoded_by_what_fits(body: bytes, content_type: str | None, expected: tuple[str, str]) -> None:
    assert decode(body, content_type) == expected


def test_the_meta_element_is_believed_where_the_header_is_silent() -> None:
    page = '<meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS">日本'
    assert decode(page.encode("shift_jis"), "text/html") == (page, "shift_jis")


def test_a_page_cut_within_a_character_keeps_its_encoding() -> None:
    assert decode("가나다".encode()[:-1]) == ("가나", "utf-8")


def test_damage_is_shown_and_named() -> None:
    text, name = decode("가나".encode() + b"\xff\xff" + "다".encode())
    assert (text, name) == ("가나\ufffd\ufffd다", "utf-8 (damaged)")
