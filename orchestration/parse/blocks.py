"""What each line of an article is: paragraph, heading, caption, or the outlet at its end.

Here: the rules, by structure where the markup says something and by form where it does not. Not here: how lines are found
(`body`, `text`), and titles' tags (dbt). docs/parsing.md says the rules in words; change both.
"""

import re

from orchestration.parse.body import Line
from orchestration.parse.records import Block

_AGENCIES = (
    "뉴스1|뉴시스|연합뉴스TV|연합뉴스|연합|로이터|블룸버그|신화|교도|타스|한겨레|프레시안|OSEN|대통령실|청와대|국회|국방부|외교부"
    "|게티이미지(?:뱅크|코리아|즈)?|셔터스톡|언스플래시|픽사베이|클립아트코리아|AFP|AP|EPA|UPI|Reuters|REUTERS|Getty Images"
    "|News1|Newsis|Yonhap|KBS|MBC|SBS|JTBC|YTN|MBN|TV조선|채널A"
)
_NAME_ENDINGS = "|".join(
    (
        "뉴스[0-9]?|일보|신문|통신|타임스|타임즈|경제|투데이|데일리|저널|방송|포토|포스트|헤럴드|비즈|미디어",
        "기자단|사진부|TV|Biz|News|Photo",
    )
)
_NAME = rf"(?:(?:{_AGENCIES})|[가-힣A-Za-z0-9]{{1,14}}(?:{_NAME_ENDINGS}))"
_AGENCY = rf"{_NAME}(?:\s?[=/·]\s?(?:{_NAME}|[가-힣]{{2,4}} 기자))*(?:\s(?:제공|자료사진|자료|사진|캡처|갈무리))?"
_GIVEN = r"[^\s.。]{1,20}(?:\s[^\s.。]{1,20}){0,2}\s?(?:제공|캡처|갈무리|자료사진)"
_ANY = r"[^\s.。\[\]()]{1,20}(?:\s[^\s.。\[\]()]{1,20}){0,2}"
_SAID = r"(?:자료\s?)?(?:사진|그래픽|이미지|일러스트|영상)(?:\s?(?:제공|출처))?"

# In the order tried: what must stand in the line (a search for it costs a tenth of the pattern's), and the pattern, whose
# first group is the credit.
_CREDITS = tuple(
    (needed, re.compile(pattern))
    for needed, pattern in (
        ("])>〉】", rf"[\[(<〈【]\s*{_SAID}\s*[=:|/ⓒ©]\s*([^\[\]()<>]{{1,40}}?)\s*[\])>〉】]\.?$"),  # [사진=뉴스1]
        ("])>〉】", rf"[\[(<〈【]\s*({_AGENCY}|{_GIVEN})\s*[\])>〉】]\.?$"),  # (연합뉴스)
        # 사진=AFP=연합뉴스
        ("=:|ⓒ©", rf"(?:^|[\s/.,|)\]])\s*{_SAID}\s*[=:|ⓒ©]\s*([^=:|\[\]()]{{1,40}}?(?:=[^=:|\[\]()]{{1,20}})?)$"),
        ("/", rf"(?:^|[\s.])/\s?({_AGENCY}|{_GIVEN})$"),  # /뉴스1
        ("ⓒ©", r"[ⓒ©]\s*([^\s.ⓒ©](?:[^.ⓒ©]{0,28}[^\s.ⓒ©])?)$"),  # ⓒ AFP=뉴스1
        (" ", rf"(?:[.!?…。][”’\"')\]]?|[”’\"')\]])\s+({_AGENCY}|{_GIVEN})$"),  # … 답하고 있다. 뉴스1
    )
)
_LOOSE_CREDITS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\s({_AGENCY}|{_GIVEN})$",  # 서초사옥 전경 뉴스1
        rf"[.!?…。][”’\"')\]]?\s+({_ANY})$",  # … 인사하고 있다. 홍길동 기자
        r"=\s?([가-힣]{2,4} (?:선임|객원)?기자)$",  # … 있다.=홍길동 기자
        rf"^({_AGENCY})$",
    )
)
_NO_CREDIT = re.compile(r"무단|재배포|저작권|@|다$|요$")
_CAPTION_MARK = re.compile(r"^(?:[▲△▼▽◀▶◁▷↑↓]|\[?사진\s?(?:[=:\]]|설명))")
_BULLET = re.compile(r"^(?:[-–·•※*▶☞■□○●◇◆①-⑳]|[0-9]{1,2}[.)])")
_SENTENCE_END = re.compile(r"[.。:;,][”’\"')\]]*$|(?:다|요|까)[”’\"')\]]+$")
_SPEECH = re.compile(r"^[“\"‘'].*[”\"’']$")

_SOURCE_SAID = re.compile(r"^[\[(<]?\s*(?:출처|원문|기사\s?출처)\s*[\])>]?\s*[:=|]?\s*(?P<name>[^\[\]()<>:=|]{2,30}?)\s*[\])>]?$")
_SOURCE = re.compile(r"[가-힣A-Za-z][가-힣A-Za-z0-9&·\-]*(?: [가-힣A-Za-z0-9&·\-]+){0,2}")
_SOURCE_SHAPE = re.compile(rf"(?:{_AGENCIES}|.*(?:{_NAME_ENDINGS}))")
_NO_SOURCE = re.compile(r"(?:기자|특파원|앵커|논설위원|편집위원|에디터|PD|다|요|끝|음|함|임)$")

_LONGEST_CREDIT = 80  # with its brackets; nothing before is searched
_LONGEST_HEADING = 80
_LONGEST_PLAIN_HEADING = 40
_LONGEST_CAPTION = 300
_LONGEST_UNMARKED_CAPTION = 60
_LONGEST_SOURCE = 20


def credit_of(text: str, *, beside_image: bool = False) -> str | None:
    """The photo credit that a line ends in; beside an image a looser form will do."""
    if text.endswith(".") and text[-2:-1] not in ")]>〉】":  # a sentence: most lines end here
        return None
    start = max(len(text) - _LONGEST_CREDIT, 0)
    tail = text[start:]
    tried = [pattern for needed, pattern in _CREDITS if any(character in tail for character in needed)]
    for pattern in (*tried, *_LOOSE_CREDITS) if beside_image else tried:
        if match := pattern.search(text, start):
            credit: str = match[1].strip()
            if not _NO_CREDIT.search(credit):
                return credit
    return None


def read_blocks(lines: tuple[Line, ...]) -> tuple[tuple[Block, ...], str | None]:
    """The blocks of an article, and the outlet named at its end (which is then no block)."""
    source = _source(lines[-1]) if len(lines) > 1 else None
    if source:
        lines = lines[:-1]
    blocks: list[Block] = []
    position = 0
    while position < len(lines):
        line = lines[position]
        after = lines[position + 1] if position + 1 < len(lines) else None
        caption = _caption(line)
        if caption is None and after is not None and _is_described(line, after):
            text = f"{line.text} {after.text}"
            caption = Block("caption", text, credit_of(after.text, beside_image=True), line.image_url or None)
            position += 1
        if caption is not None:
            blocks.append(caption)
        elif _is_heading(line, after, first=position == 0):
            blocks.append(Block("heading", line.text))
        else:
            blocks.append(Block("paragraph", line.text))
        position += 1
    return tuple(blocks), source


def _caption(line: Line) -> Block | None:
    """A caption: a line beside an image, or one that ends in a photo credit."""
    text, url = line.text, line.image_url or None
    if line.heading or len(text) > _LONGEST_CAPTION:
        return None
    beside = line.image_url is not None and line.gap == 0
    credit = credit_of(text, beside_image=beside or line.figcaption)
    if line.figcaption or credit:
        return Block("caption", text, credit, url)
    if not beside or line.bold:
        return None
    looks_it = (
        _CAPTION_MARK.match(text)
        or line.set_apart
        or line.shares_image_block
        or (len(text) <= _LONGEST_UNMARKED_CAPTION and not text.endswith("."))
    )
    return Block("caption", text, None, url) if looks_it else None


def _is_described(line: Line, after: Line) -> bool:
    """Whether `line`, beside an image, goes on in a line that holds nothing but the credit."""
    if line.image_url is None or line.gap or line.heading or after.gap or after.image_url is not None:
        return False
    credit = credit_of(after.text, beside_image=True)
    return credit is not None and len(after.text) <= len(credit) + 10


def _is_heading(line: Line, after: Line | None, *, first: bool) -> bool:
    text = line.text
    if line.heading:
        return True
    if len(text) > _LONGEST_HEADING or _SENTENCE_END.search(text) or _BULLET.match(text):
        return False
    if line.bold:
        return after is not None
    if first or after is None or len(text) > _LONGEST_PLAIN_HEADING or _SPEECH.match(text) or after.image_url is not None:
        return False
    return (line.gap >= 2 or (line.gap == 1 and after.gap == 0)) and len(after.text) > len(text)


def _source(line: Line) -> str | None:
    """The outlet: a short last line that names itself, has an outlet's name, or stands apart."""
    if line.heading:
        return None
    if said := _SOURCE_SAID.match(line.text):
        return said["name"] if len(said["name"]) <= _LONGEST_SOURCE + 10 else None
    if line.image_url is not None and line.gap == 0:
        return None
    name = line.text
    if not 2 <= len(name) <= _LONGEST_SOURCE or not _SOURCE.fullmatch(name) or _NO_SOURCE.search(name):
        return None
    return name if line.gap or _SOURCE_SHAPE.fullmatch(name) else None
