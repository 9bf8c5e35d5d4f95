"""Bytes to text: which character set a page is written in.

Here: the order in which a page's own statements and its bytes are believed. Not here: HTML. The bytes are decoded by us and
never by the HTTP library, which guesses ISO-8859-1 where a header names none.
"""

import codecs
import re

_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_META = re.compile(rb"<meta\s[^>]*?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_META_WITHIN = 2048  # bytes; the standard says 1024, old Korean skins put scripts before it

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

# Korean pages that say any of these write Windows' superset: `euc_kr` fails on 똠, 펲 and 8,820 other syllables.
_CP949 = {
    "euc_kr",
    "euckr",
    "ks_c_5601_1987",
    "ks_c_5601",
    "ksc5601",
    "ksc_5601",
    "ks_x_1001",
    "windows_949",
    "x_windows_949",
    "ms949",
    "uhc",
}
# A server's default, said of pages in any character set, and every byte decodes in it: no statement at all.
_SAYS_NOTHING = {"iso_8859_1", "iso8859_1", "latin1", "latin_1", "windows_1252", "cp1252", "us_ascii", "ascii"}


def decode(body: bytes, content_type: str | None = None) -> tuple[str, str]:
    """The text of `body`, and the name of the codec that read it.

    Tried in turn, strictly: a byte order mark, the header's charset, the page's own, UTF-8, CP949. UTF-8 may end in the middle
    of a character (a page cut off on its way). Bytes that none of them reads are decoded as the first of them with U+FFFD for
    the damage, and the name says so: `utf-8 (damaged)`.
    """
    for mark, codec in _BOMS:
        if body.startswith(mark):
            return _strictly(body, codec) or (body.decode(codec, "replace"), f"{codec} (damaged)")
    said = _CHARSET.search(content_type or "")
    meta = _META.search(body[:_META_WITHIN])
    stated = [_codec(said[1])] if said else []
    if meta:
        stated.append(_codec(meta[1].decode("ascii")))
    candidates = list(dict.fromkeys([*(name for name in stated if name), "utf-8", "cp949"]))
    for codec in candidates:
        if read := _strictly(body, codec):
            return read
    return body.decode(candidates[0], "replace"), f"{candidates[0]} (damaged)"


def _codec(name: str) -> str | None:
    """The codec for a charset as pages write it; None where the name is unknown or says nothing."""
    folded = re.sub(r"[^a-z0-9]", "_", name.lower())
    if folded in _CP949:
        return "cp949"
    if folded in _SAYS_NOTHING:
        return None
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    # Not every codec makes text of bytes (base64, rot13), and some make it of anything (utf-7, the escapes).
    is_text = info._is_text_encoding and info.name not in {"utf-7", "raw-unicode-escape", "unicode-escape", "idna", "punycode"}
    return info.name if is_text else None


def _strictly(body: bytes, codec: str) -> tuple[str, str] | None:
    try:
        return body.decode(codec), codec
    except UnicodeDecodeError as error:
        if codec == "utf-8" and error.reason == "unexpected end of data":
            return body[: error.start].decode(codec), codec
        return None
    except ValueError:
        return None
