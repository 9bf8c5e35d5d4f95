"""The bundled board's pages: the markup of Rhymix and XpressEngine boards, written anew.

Here: what a page looks like, as pure functions of a board and a request's facts. Not here: which page a request gets, states
and status codes (`server`), and content (`content`). The class names are the engine's and the skins'; all else is ours.
"""

import datetime as dt
import html
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from functools import lru_cache
from urllib.parse import urlencode

from orchestration.demo.content import KST, PAGE_SIZE, Body, Comment, DemoBoard, Post, file_srl

ICONS = "/modules/document/tpl/icons/default"
SEARCH_TARGETS = {
    "title_content": "제목+내용",
    "title": "제목",
    "nick_name": "닉네임",
    "regdate": "등록일",
    "tag": "태그",
}
SORTS: dict[str, Callable[[Post], object]] = {
    "regdate": lambda post: (post.regdate, post.srl),
    "title": lambda post: post.title.text,
    "nick_name": lambda post: post.author,
    "comment_count": lambda post: post.comment_count,
    "readed_count": lambda post: post.views,
}


@dataclass(frozen=True, slots=True)
class Query:
    """The part of a request that chooses a listing. `page`: from 1, null where the request names none."""

    page: int | None = None
    search_target: str | None = None
    search_keyword: str | None = None
    category: int | None = None
    sort_index: str | None = None
    order_type: str | None = None

    def carried(self, **changes: object) -> str:
        """As the query string that links carry on, `?` included; empty without parameters."""
        fields = {
            "category": self.category,
            "search_target": self.search_target,
            "search_keyword": self.search_keyword,
            "sort_index": self.sort_index,
            "order_type": self.order_type,
            "page": self.page,
            **changes,
        }
        text = urlencode([(key, value) for key, value in fields.items() if value is not None])
        return f"?{text}" if text else ""

    @property
    def is_plain(self) -> bool:
        return self == Query(page=self.page)


@dataclass(frozen=True, slots=True)
class Visit:
    """What a page needs to know of its request. `base`: scheme and host; `path`: as asked, with the query."""

    base: str
    path: str
    csrf: str
    now: dt.datetime
    is_robot: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a listing: `rows` newest first with their 번호, which is a place in this listing counted from its end."""

    query: Query
    page: int
    last_page: int
    total: int
    rows: tuple[tuple[int, Post], ...]


def list_page(board: DemoBoard, query: Query, page: int) -> Listing:
    """Page `page` (from 1) of the listing that `query` chooses."""
    posts = chosen(board, query)
    total = len(posts)
    top = total - (page - 1) * PAGE_SIZE
    rows = tuple((number, posts[number - 1]) for number in range(top, max(0, top - PAGE_SIZE), -1)) if top > 0 else ()
    return Listing(query, page, max(1, math.ceil(total / PAGE_SIZE)), total, rows)


def chosen(board: DemoBoard, query: Query) -> Sequence[Post]:
    """The posts of a listing, last shown first. Guests find no secret posts by a search; unknown targets and sorts are ignored."""
    posts: Sequence[Post] = board.listed
    keyword = query.search_keyword or ""
    match query.search_target if keyword else None:
        case "regdate":
            posts = board.dated("".join(c for c in keyword if c.isdigit()))
        case "title" | "title_content":
            posts = [post for post in posts if keyword in post.title.text and not post.is_secret]
        case "nick_name":
            posts = [post for post in posts if keyword in post.author and not post.is_secret]
        case "tag":
            posts = [post for post in posts if keyword in post.tags and not post.is_secret]
    if query.category is not None:
        posts = [post for post in posts if post.category == board.categories.get(query.category)]
    if query.sort_index in SORTS:
        posts = sorted(posts, key=SORTS[query.sort_index], reverse=query.order_type != "desc")  # type: ignore[arg-type]
    return posts


# Lists.


def list_html(board: DemoBoard, visit: Visit, listing: Listing) -> str:
    inner = f'<div class="board">\n{_tabs(board, listing.query)}{_list_part(board, visit, listing)}</div>\n'
    return shell(board, visit, board.name, inner)


def _list_part(board: DemoBoard, visit: Visit, listing: Listing, current: int | None = None) -> str:
    if board.skin == "sketchbook5":
        return _sketchbook_list(board, visit, listing, current)
    carried = html.escape(listing.query.carried())
    here = f"/{board.mid}" + (f"/{current}" if current else "")
    with_views = board.skin == "xedition"
    rows = []
    for number, post in [*((None, notice) for notice in board.notices), *listing.rows]:
        if number is None:
            cell = f'<td class="notice">\n\t\t{"&raquo;" if post.srl == current else "공지"}\t\t\t\t</td>'
        else:
            cell = f'<td class="no">\n\t\t{"&raquo;" if post.srl == current else number}\t\t\t\t</td>'
        kind = ' class="notice"' if number is None else ""
        lead, trail = ("\n\t", "\t" * 5) if number is None else ("", "")  # real ones pad the titles of notices alone
        badge = (
            f'\n\t<a href="/{board.mid}/{post.srl}{carried}#comment" class="replyNum" title="Replies">[{post.comment_count}]</a>'
            if post.comment_count
            else ""
        )
        rows.append(
            f"<tr{kind}>\n\t\t{cell}"
            f'\t\t\t\t\t\t<td class="title">\n\t\t\t\t\t<a href="/{board.mid}/{post.srl}{carried}">{lead}{_styled(post)}'
            f"{trail}</a>{badge}{_icons(post, visit.now)}\n\t\t\t\t</td>"
            f'\t\t\t\t<td class="author">{_author(post)}</td>\t\t\t\t<td class="time">{post.regdate:%Y.%m.%d}</td>'
            + (f'\t\t\t\t<td class="readNum">{board.views(post)}</td>' if with_views else "")
            + "\t\t\t\t</tr>"
        )
    if not rows:
        width = 5 if with_views else 4
        rows.append(f'<tr><td colspan="{width}" class="no_article"><p>등록된 글이 없습니다.</p></td></tr>')
    heads = [
        '<th scope="col"><span>번호</span></th>',
        '<th scope="col" class="title"><span>제목</span></th>',
        '<th scope="col"><span>글쓴이</span></th>',
        f'<th scope="col"><span><a href="{here}?sort_index=regdate&amp;order_type=desc">날짜</a></span></th>',
    ]
    if with_views:
        heads.append(f'<th scope="col"><span><a href="{here}?sort_index=readed_count&amp;order_type=desc">조회 수</a></span></th>')
    return (
        '<div class="board_list" id="board_list">\n<table width="100%" border="1" cellspacing="0" summary="글 목록">\n'
        f"\t<thead>\n\t\t<tr>\n\t\t{''.join(heads)}\t\t</tr>\n\t</thead>\n"
        f"\t<tbody>\n\t{''.join(rows)}\t</tbody>\n</table>\n</div>"
        f'<div class="list_footer">\n{_pagination(board, listing)}'
        f'\t<div class="btnArea">\n\t\t<a href="/index.php?mid={board.mid}&amp;act=dispBoardWrite" class="btn">쓰기</a>\n\t</div>\n'
        f"{_search_box(board, visit, listing.query)}</div>\n"
    )


def _pagination(board: DemoBoard, listing: Listing) -> str:
    """Ten links around the page; past the end no page is marked and the last ten stand."""
    first = max(1, min(listing.page - 5, listing.last_page - 9))
    links = []
    for page in range(first, min(first + 9, listing.last_page) + 1):
        if page == listing.page:
            links.append(f"<strong>{page}</strong>")
        else:
            links.append(f'<a href="{_page_href(board, listing.query, page)}">{page}</a>')
    return (
        '\t<div class="pagination">\n'
        f'\t\t<a href="{_page_href(board, listing.query, None)}" class="direction prev"><span></span><span></span> 첫 페이지</a>\n'
        f'\t\t\t{" ".join(links)}\t\t\t<a href="{_page_href(board, listing.query, listing.last_page)}" class="direction next">'
        "끝 페이지 <span></span><span></span></a>\n"
        "\t</div>\n"
    )


def _page_href(board: DemoBoard, query: Query, page: int | None) -> str:
    return f"/{board.mid}{html.escape(query.carried(page=page))}"


def _search_box(board: DemoBoard, visit: Visit, query: Query) -> str:
    options = "".join(
        f'<option value="{target}"{" selected" * (target == query.search_target)}>{label}</option>'
        for target, label in SEARCH_TARGETS.items()
    )
    return (
        f'\t<form action="{visit.base}/" method="get" id="board_search" class="board_search">\n'
        f'\t\t<input type="hidden" name="mid" value="{board.mid}" />\n\t\t<input type="hidden" name="category" value="" />\n'
        f'\t\t<input type="text" name="search_keyword" value="{escape(query.search_keyword or "")}" title="검색" class="iText" />\n'
        f'\t\t<select name="search_target">\n\t{options}\t\t</select>\n'
        '\t\t<button type="submit" class="btn">검색</button>\n\t</form>\n'
    )


def _tabs(board: DemoBoard, query: Query) -> str:
    if not board.categories:
        return ""
    tabs = "".join(
        f'\t<li class="{"on" if srl == query.category else "off"}"><a href="/{board.mid}/category/{srl}">{escape(name)}</a></li>\n'
        for srl, name in board.categories.items()
    )
    return f'<ul class="cTab">\n\t<li><a href="/{board.mid}">전체</a></li>\n{tabs}</ul>\n'


def _styled(post: Post) -> str:
    """The title as lists show it: a manager has made some bold and coloured."""
    title = escape(post.title.text)
    return f'<span style="font-weight:bold;color:#d40000">{title}</span>' if post.srl % 41 == 0 else title


def _icons(post: Post, now: dt.datetime) -> str:
    names = []
    if post.is_secret:
        names.append("secret")
    if dt.timedelta(0) <= now - post.regdate < dt.timedelta(hours=24):
        names.append("new")
    return "".join(
        f'\n\t\t<img src="{ICONS}/{name}.gif" alt="{name}" title="{name}" style="margin-right:2px;" />' for name in names
    )


def _author(post: Post, extra: str = "") -> str:
    return (
        f'<a href="#popup_menu_area" class="member_{post.member_srl}{extra}" onclick="return false">{escape(post.author)}</a>'
        if post.member_srl
        else escape(post.author)
    )


def _sketchbook_list(board: DemoBoard, visit: Visit, listing: Listing, current: int | None) -> str:
    carried = html.escape(listing.query.carried())
    rows = []
    for number, post in [*((None, notice) for notice in board.notices), *listing.rows]:
        kind = ' class="notice"' if number is None else (' class="select"' if post.srl == current else "")
        mark = "&raquo;" if post.srl == current else ("<strong>공지</strong>" if number is None else str(number))
        cate = f'<td class="cate"><span>{escape(post.category or "")}</span></td>' if board.categories else ""
        badge = (
            f'\n\t\t\t<a href="/{board.mid}/{post.srl}{carried}#{post.srl}_comment" '
            f'class="replyNum" title="댓글">{post.comment_count}</a>'
            if post.comment_count
            else ""
        )
        rows.append(
            f'\t<tr{kind}>\n\t\t<td class="no">{mark}</td>\n\t\t{cate}\n\t\t<td class="title">\n'
            f'\t\t\t<a href="/{board.mid}/{post.srl}{carried}" class="hx">\n\t\t\t{escape(post.title.text)}\t\t\t</a>{badge}'
            f'\n\t\t\t<span class="extraimages">{_icons(post, visit.now)}</span>\n\t\t</td>\n'
            f'\t\t<td class="author"><span>{_author(post)}</span></td>\n'
            f'\t\t<td class="time" title="{post.regdate:%H:%M}">{post.regdate:%Y.%m.%d}</td>\n'
            f'\t\t<td class="m_no">{board.views(post)}</td>\n\t</tr>\n'
        )
    cate_head = '<th scope="col"><span>분류</span></th>' if board.categories else ""
    return (
        '<div class="bd_lst_wrp">\n<table class="bd_lst bd_tb_lst bd_tb">\n<thead class="bg_f_f9"><tr>'
        f'<th scope="col" class="no"><span>번호</span></th>{cate_head}<th scope="col" class="title"><span>제목</span></th>'
        '<th scope="col"><span>글쓴이</span></th><th scope="col"><span>날짜</span></th>'
        f'<th scope="col" class="m_no"><span>조회 수</span></th></tr></thead>\n<tbody>\n{"".join(rows)}</tbody>\n</table>\n'
        f'<div class="btm_mn clear">{_search_box(board, visit, listing.query)}</div>\n'
        f'<form action="./" method="get" class="bd_pg clear"><fieldset><legend class="blind">쪽 이동</legend>\n'
        f"{_pagination(board, listing)}</fieldset></form>\n</div>\n"
    )


# Articles.


def article_html(board: DemoBoard, visit: Visit, post: Post, views: int, listing: Listing) -> str:
    """An article with the list below it; a secret one shows its head and a password form in place of its body."""
    link = f"{visit.base}/{board.mid}/{post.srl}"
    body = _password_form(board, post) if post.is_secret else _document(board, post)
    comments = () if post.is_secret else post.comments()
    inner = (
        f'<div class="board">\n{_tabs(board, listing.query)}<div '
        f'class="board_read{" rd" if board.skin == "sketchbook5" else ""}">\n'
        f"{_read_header(board, post, link, views)}"
        f'\t<div class="{"rd_body clear" if board.skin == "sketchbook5" else "read_body"}">\n\t\t{body}\t</div>\n'
        f'\t<div class="read_footer">\n{_files(post)}{_tags(board, post)}'
        f'\t\t<div class="btnArea"><span class="etc"><a href="/{board.mid}" class="btn">목록</a></span></div>\n\t</div>\n</div>\n'
        f"{_comments(board, post, comments)}"
        f"{_list_part(board, visit, listing, post.srl)}</div>\n"
    )
    return shell(board, visit, post.title.text, inner, canonical=link)


def _read_header(board: DemoBoard, post: Post, link: str, views: int) -> str:
    category = ""
    if post.category:
        srl = next(srl for srl, name in board.categories.items() if name == post.category)
        category = f'<a href="/{board.mid}/category/{srl}" class="category">{escape(post.category)}</a>\t\t\t'
    beside = category if board.skin != "sketchbook5" else ""
    title = f'<h1>\n\t\t\t{beside}<a href="{link}">{escape(post.title.text)}</a>\n\t\t</h1>\n'
    minute = f"{post.regdate:%Y.%m.%d %H:%M}"
    if board.skin == "sketchbook5":
        cate = f'<strong class="cate fl" title="분류">{category.strip()}</strong>' if category else ""
        return (
            f'\t<div class="rd_hd clear">\n\t\t<div class="top_area">{cate}<span class="date m_no">'
            f"{minute}</span>\n\t\t{title}\t\t</div>\n"
            f'\t\t<div class="btm_area"><div class="side">\n\t\t\t<a href="#popup_menu_area" class="nick member_{post.member_srl}" '
            f'onclick="return false">{escape(post.author)}</a></div>\n\t\t<div class="side fr">'
            f"<span>조회 수 <b>{views:,}</b></span>"
            f"<span>댓글 <b>{post.comment_count}</b></span></div></div>\n\t</div>\n"
        )
    if board.skin == "xedition":
        return (
            f'\t<div class="read_header">\n\t\t{title}\t\t<p class="meta">\n\t\t\t<span class="author"><i class="xi-user"></i> '
            f'{_author(post, " author")}</span>\n\t\t\t<span class="time"><i class="xi-time"></i> {minute}\t\t\t</span>\n'
            f'\t\t\t<span class="read_count"><i class="xi-eye"></i> 조회 수 : {views}\t\t\t</span>\n\t\t</p>\n\t</div>\n'
        )
    return (
        f'\t<div class="read_header">\n\t\t{title}\t\t<p class="time">\n\t{minute}\t\t</p>\n\t\t<p class="meta">\n\t\t\t'
        f'{_author(post, " author")}\t\t\t<span class="sum">\n\t\t\t\t<span class="read">조회 수:{views}</span>\n\t\t\t</span>\n'
        "\t\t</p>\n\t</div>\n"
    )


def _document(board: DemoBoard, post: Post) -> str:
    key = f"{post.srl},{post.member_srl}"
    classes = "xe_content" if board.engine == "xe" else "rhymix_content xe_content"
    return (
        f'<!--BeforeDocument({key})--><div class="document_{post.srl}_{post.member_srl} {classes}">'
        f"{post.body().markup}</div><!--AfterDocument({key})-->\n"
    )


def _password_form(board: DemoBoard, post: Post) -> str:
    return (
        '<form action="/" method="get" onsubmit="return procFilter(this, input_password)">'
        f'<input type="hidden" name="mid" value="{board.mid}" /><input type="hidden" name="document_srl" value="{post.srl}" />\n'
        '\t\t\t<p><label for="cpw">비밀글입니다. 비밀번호를 입력하세요.</label></p>\n'
        '\t\t\t<p><input type="password" name="password" id="cpw" class="iText" />'
        '<input type="submit" value="입력" class="btn" /></p>\n'
        "\t\t</form>\n"
    )


def _files(post: Post) -> str:
    body = Body((), None, "") if post.is_secret else post.body()
    own = [place for place, block in enumerate(body.blocks) if block.image_url and block.image_url.startswith("/")]
    if not own:
        return ""
    items = "".join(
        f'\t\t\t<li><a href="/index.php?module=file&amp;act=procFileDownload&amp;file_srl={file_srl(post.srl, place)}'
        f'&amp;sid={file_srl(post.srl, place):032x}">photo{place}.jpg <span class="fileSize">'
        f"[File Size:{40 + place * 7}.3KB/Download:0]"
        "</span></a></li>\n"
        for place in own
    )
    return (
        f'\t\t<div class="fileList">\n\t\t\t<button type="button" class="toggleFile">첨부 [<strong>{len(own)}</strong>]</button>\n'
        f'\t\t\t<ul class="files">\n{items}\t\t\t</ul>\n\t\t</div>\n'
    )


def _tags(board: DemoBoard, post: Post) -> str:
    links = "<span>,</span>\n\t\t\t".join(
        f'<a href="/{board.mid}{html.escape(Query(search_target="tag", search_keyword=tag).carried())}" class="tag" rel="tag">'
        f"{escape(tag)}</a>"
        for tag in post.tags
    )
    return (
        f'\t\t<div class="tns">\n\t\t\t<span class="tags">{links}</span>\n'
        f'\t\t\t<a class="document_{post.srl} action" href="#popup_menu_area" onclick="return false">이 게시물을</a>\n'
        '\t\t\t<ul class="sns"><li class="twitter link"><a href="https://twitter.com/">Twitter</a></li>'
        '<li class="facebook link"><a href="https://www.facebook.com/">Facebook</a></li></ul>\n\t\t</div>\n'
    )


def _comments(board: DemoBoard, post: Post, comments: Sequence[Comment]) -> str:
    content = "xe_content" if board.engine == "xe" else "rhymix_content xe_content"
    items = []
    for comment in comments:
        indent = f" indent indent{comment.depth}" if comment.depth else ""
        author = (
            f'<a href="#popup_menu_area" class="member_{comment.member_srl}" onclick="return false">{escape(comment.author)}</a>'
            if comment.member_srl
            else f"<strong>{escape(comment.author)}</strong>"
        )
        key = f"{comment.srl},{comment.member_srl}"
        items.append(
            f'\t<li class="fbItem{indent}" id="comment_{comment.srl}">\n\t\t<div class="fbMeta">'
            f'\n\t\t\t<h3 class="author">\n\t\t\t\t{author}'
            f'\t\t\t</h3>\n\t\t\t<p class="time">{comment.written_at:%Y.%m.%d %H:%M}</p>\n\t\t</div>\n'
            f'\t\t<!--BeforeComment({key})--><div class="comment_{comment.srl}_{comment.member_srl} {content}"><p>'
            f"{escape(comment.text)}</p></div><!--AfterComment({key})-->\n"
            '\t\t<p class="action">'
            f'<a href="/index.php?mid={board.mid}&amp;act=dispBoardReplyComment&amp;comment_srl={comment.srl}" '
            'class="reply">댓글</a></p>\n\t</li>\n'
        )
    listed = f'\t<ul class="fbList">\n{"".join(items)}\t</ul>\n' if items else ""
    editor = "" if post.is_secret else _editor(board.mid, post.srl)
    return (
        '<div class="feedback" id="comment">\n\t<div class="fbHeader">\n\t\t<h2>댓글 <em>'
        f"{post.comment_count}</em></h2>\n\t</div>\n"
        f'{listed}{editor}</div>\n<div class="fbFooter"><a href="/{board.mid}" class="btn">목록</a></div>\n'
    )


@lru_cache(maxsize=1024)
def _editor(mid: str, srl: int) -> str:
    """The comment form: most of an article page's weight on a real board."""
    fonts = "".join(f"&quot;{name}\\/{name}, sans-serif&quot;," for name in _FONTS.split(", "))
    sizes = ",".join(f"&quot;{size}\\/{size}px&quot;" for size in range(8, 49, 2))
    buttons = "".join(
        f'<a id="cke_{n}" class="cke_button cke_button__{name} cke_button_off" href="#" title="{name}" tabindex="-1" role="button">'
        f'<span class="cke_button_icon cke_button__{name}_icon">&nbsp;</span></a>\n'
        for n, name in enumerate(_BUTTONS.split(", "))
    )
    return (
        '\t<form action="/" method="post" class="write_comment" id="write_comment">'
        f'<input type="hidden" name="mid" value="{mid}" />'
        f'<input type="hidden" name="document_srl" value="{srl}" /><input type="hidden" name="content" value="" />\n'
        f'<div class="rx_ckeditor" data-editor-config="{{&quot;fonts&quot;:[{fonts}&quot;&quot;],'
        f'&quot;font_sizes&quot;:[{sizes}]}}">\n'
        f'<div class="cke_toolbox">{buttons}</div></div>\n'
        '\t<div class="xefu-container"><p class="upload_info">파일 크기 제한 : 2.00MB (허용 확장자 : *.*)</p></div>\n'
        '\t<div class="write_author"><label for="userName">글쓴이</label> <input type="text" name="nick_name" id="userName" />'
        ' <label for="userPw">비밀번호</label> <input type="password" name="password" id="userPw" /></div>\n'
        '\t<button type="submit" class="btn">댓글 등록</button></form>\n'
    )


# Mobile.


def mobile_list_html(board: DemoBoard, visit: Visit, listing: Listing) -> str:
    rows = []
    for number, post in [*((None, notice) for notice in board.notices), *listing.rows]:
        notice = '<span class="notice">공지</span> ' if number is None else ""
        badge = f"<em>[{post.comment_count}]</em>" if post.comment_count else ""
        rows.append(
            f'\t<li>\n\t\t<a href="/{board.mid}/{post.srl}{html.escape(listing.query.carried())}">\n'
            f'\t\t<span class="title">{notice}<strong>{escape(post.title.text)}</strong> {badge}</span>\n'
            f'\t\t<span class="auth"><strong>{escape(post.author)}</strong> <span class="time">'
            f"{post.regdate:%Y.%m.%d}</span></span>\n"
            "\t\t</a>\n\t</li>\n"
        )
    previous = f'<a href="{_page_href(board, listing.query, listing.page - 1)}" class="prev">이전</a>' if listing.page > 1 else ""
    following = (
        f'<a href="{_page_href(board, listing.query, listing.page + 1)}" class="next">다음</a>'
        if listing.page < listing.last_page
        else ""
    )
    inner = (
        f'<div class="hx h2">\n\t<h2><a href="/{board.mid}">{escape(board.name)}</a> <em>[{listing.total:,}]</em></h2>\n</div>\n'
        f'<ul class="lt">\n{"".join(rows)}</ul>\n<div class="pn">{previous}<strong>'
        f"{listing.page} / {listing.last_page}</strong>{following}</div>\n"
    )
    return _mobile_shell(board, visit, board.name, inner)


def mobile_article_html(board: DemoBoard, visit: Visit, post: Post) -> str:
    body = _password_form(board, post) if post.is_secret else _document(board, post)
    inner = (
        f'<div class="hx h2">\n\t<h2><a href="/{board.mid}">{escape(board.name)}</a>\n\t&rsaquo; {escape(post.title.text)}</h2>\n'
        f'\t<span class="ex">{escape(post.author)} | {post.regdate:%Y.%m.%d %H:%M:%S} | <a '
        'href="#skip_co">메뉴 건너뛰기</a></span>\n</div>\n'
        f'<div class="co">\n\t{body}</div>\n<div class="hx h3"><h3 id="clb">댓글 <em>[{post.comment_count}]</em></h3></div>\n'
    )
    return _mobile_shell(board, visit, post.title.text, inner, canonical=f"{visit.base}/{board.mid}/{post.srl}")


def _mobile_shell(board: DemoBoard, visit: Visit, title: str, inner: str, canonical: str | None = None) -> str:
    return (
        f"{_head(board, visit, title, canonical)}<body>\n"
        f'<div class="hd"><h1 class="h1"><a href="/">{escape(board.name)}</a></h1></div>\n<div class="bd">\n{inner}</div>\n'
        f'<ul class="ft"><li class="fr"><a href="/{board.mid}?m=0">PC</a></li></ul>\n</body>\n</html>\n'
    )


# Messages.


def message_html(board: DemoBoard, visit: Visit, message: str) -> str:
    """A page with a message and the login form: a deleted post, a list that guests may not see."""
    inner = (
        f'<div id="access">\n\t<div class="login-header">\n\t\t<h1>{escape(message)}</h1>\n\t</div>\n\t<div class="login-body">\n'
        '\t\t<form id="message_login_form" action="/index.php?act=procMemberLogin" method="post">\n'
        '\t\t\t<input type="text" name="user_id" id="uid" placeholder="아이디" required autofocus />\n'
        '\t\t\t<input type="password" name="password" id="upw" placeholder="비밀번호" required />\n'
        '\t\t\t<button type="submit" class="button">로그인</button>\n\t\t</form>\n\t</div>\n</div>\n'
    )
    return shell(board, visit, board.name, inner)


def alert_html(board: DemoBoard, visit: Visit, message: str) -> str:
    """What XpressEngine answers for a missing document: a script's alert, no article, no list."""
    return shell(board, visit, board.name, f'<script>alert("{message}"); history.back();</script>\n')


def not_found_html(visit: Visit) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="ko">\n<head>\n<meta charset="utf-8">\n<meta name="generator" content="Rhymix">\n'
        f'<meta name="csrf-token" content="{visit.csrf}" />\n<title></title>\n</head>\n<body>\n'
        '<section class="xedition-error">\n\t<h1>404</h1>\n\t<p>찾으시는 페이지가 없습니다.</p>\n</section>\n</body>\n</html>\n'
    )


def error_html(visit: Visit) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="ko">\n<head>\n<meta charset="utf-8">\n<title>Server Error</title>\n</head>\n<body>\n'
        '<div class="message"><h1>Server Error</h1><p>처리하지 못한 요청입니다.</p></div>\n</body>\n</html>\n'
    )


# Feeds.


def rss_xml(board: DemoBoard, visit: Visit, posts: Sequence[Post]) -> str:
    items = "".join(
        f"\t\t<item>\n\t\t\t<title>{escape(post.title.text)}</title>\n\t\t\t<link>{visit.base}/{board.mid}/{post.srl}</link>\n"
        f"\t\t\t<description>{escape(post.body().markup)}</description>\n\t\t\t<dc:creator>{escape(post.author)}</dc:creator>\n"
        f'\t\t\t<guid isPermaLink="true">{visit.base}/{board.mid}/{post.srl}</guid>\n'
        f"\t\t\t<pubDate>{format_datetime(post.regdate)}</pubDate>\n\t\t</item>\n"
        for post in posts
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" ?>\n<rss xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0">\n\t<channel>\n'
        f"\t\t<title>{escape(board.name)}</title>\n\t\t<link>{visit.base}/{board.mid}</link>\n\t\t<language>ko</language>\n"
        f"\t\t<pubDate>{format_datetime(visit.now.astimezone(KST))}</pubDate>\n\t\t<generator>Rhymix</generator>\n{items}\t</channel>\n</rss>\n"
    )


def atom_xml(board: DemoBoard, visit: Visit, posts: Sequence[Post]) -> str:
    entries = "".join(
        f"\t<entry>\n\t\t<title>{escape(post.title.text)}</title>\n"
        f'\t\t<link rel="alternate" type="text/html" href="{visit.base}/{board.mid}/{post.srl}"/>\n'
        f"\t\t<id>{visit.base}/{board.mid}/{post.srl}</id>\n\t\t<published>{post.regdate.isoformat()}</published>\n"
        f"\t\t<updated>{post.regdate.isoformat()}</updated>\n\t\t<author><name>{escape(post.author)}</name></author>\n"
        f'\t\t<content type="html">{escape(post.body().markup)}</content>\n\t</entry>\n'
        for post in posts
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" ?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        f"\n\t<title>{escape(board.name)}</title>\n"
        f"\t<id>{visit.base}/{board.mid}/atom</id>\n\t<updated>"
        f"{visit.now.isoformat(timespec='seconds')}</updated>\n{entries}</feed>\n"
    )


# The page around it all.


@lru_cache(maxsize=65536)
def escape(text: str) -> str:
    """As the engine stores titles: quotes as &quot; and &#039;."""
    return html.escape(text).replace("&#x27;", "&#039;")


def shell(board: DemoBoard, visit: Visit, title: str, inner: str, canonical: str | None = None) -> str:
    return (
        f'{_head(board, visit, title, canonical)}<body>\n<script>\n\tvar request_uri = "{visit.base}/";\n'
        f'\tvar current_mid = "{board.mid}";\n\tvar rewrite_level = 1;\n</script>\n{_top(board.mid, board.name)}'
        f'\t<div class="content" id="content">\n{inner}\t</div>\n'
        f"{_bottom(board.mid, escape(visit.path), visit.is_robot)}</body>\n</html>\n"
    )


def _head(board: DemoBoard, visit: Visit, title: str, canonical: str | None) -> str:
    link = f'<link rel="canonical" href="{canonical}" />\n<meta property="og:url" content="{canonical}" />\n' if canonical else ""
    generator = "Rhymix" if board.engine == "rhymix" else "XpressEngine"
    charset = "euc-kr" if board.charset == "cp949" else board.charset
    return (
        f'<!DOCTYPE html>\n<html lang="ko">\n<head>\n<meta charset="{charset}">\n<meta name="generator" content="{generator}">\n'
        f'<meta name="csrf-token" content="{visit.csrf}" />\n<title>{escape(title)}</title>\n'
        f"{_assets(board.engine, board.skin)}{link}</head>\n"
    )


@lru_cache(maxsize=8)
def _assets(engine: str, skin: str) -> str:
    sheets = (
        f"common/css/{engine}",
        "common/css/xeicon",
        "layouts/demo/layout",
        "layouts/demo/menu",
        f"modules/board/skins/{skin}/board",
    )
    scripts = (
        "common/js/jquery.min",
        f"common/js/{engine}.min",
        "modules/board/tpl/js/board",
        "layouts/demo/layout",
        "addons/autolink/autolink",
    )
    return "".join(f'<link rel="stylesheet" href="/{name}.css?t=1783400000" />\n' for name in sheets) + "".join(
        f'<script src="/{name}.js?t=1783400000"></script>\n' for name in scripts
    )


@lru_cache(maxsize=8)
def _top(mid: str, name: str) -> str:
    menu = "".join(
        f'\t\t<li><a href="/{section}">{label}</a>\n\t\t\t<ul class="depth2">\n'
        + "".join(f'\t\t\t\t<li><a href="/{section}/{n}00">{label} {word}</a></li>\n' for n, word in enumerate(_SUBMENU, 1))
        + "\t\t\t</ul></li>\n"
        for section, label in _MENU.items()
    )
    return (
        '<p class="skip"><a href="#content">메뉴 건너뛰기</a></p>\n<div class="container">\n<header class="header">\n'
        f'\t<form action="/" method="get" class="search"><input type="hidden" name="mid" value="{mid}" />'
        '<input type="text" name="is_keyword" value="" title="검색" /></form>\n'
        f'\t<h1 class="logo-item"><a href="/"><img src="/layouts/demo/logo.png" alt="{escape(name)}" /></a></h1>\n'
        f'\t<nav class="gnb" id="gnb"><ul>\n{menu}\t</ul></nav>\n</header>\n'
        f'<div class="visual sub"><div class="sub_title"><h1>{escape(name)}</h1></div>'
        '</div>\n<div class="body fixed-width sub right">\n'
    )


@lru_cache(maxsize=1024)
def _bottom(mid: str, path: str, is_robot: bool) -> str:
    photo = (
        ""
        if is_robot
        else '<div class="pswp" tabindex="-1" role="dialog" aria-hidden="true"><div class="pswp__bg"></div>'
        '<div class="pswp__scroll-wrap">'
        + "".join(
            f'<button class="pswp__button pswp__button--{name}" title="{name}"></button>\n' for name in ("close", "share", "zoom")
        )
        + "</div></div>\n"
    )
    aside = "".join(
        f'\t<li><a href="/{section}/{n}">{label} 많이 본 소식 {n}</a> <span class="time">오늘</span></li>\n'
        for section, label in _MENU.items()
        for n in range(1, 6)
    )
    return (
        f'<aside class="side_box"><h2>많이 본 소식</h2>\n<ul class="rank">\n{aside}</ul></aside>\n</div>\n'
        '<footer class="footer"><p class="sub_desc">데모 게시판은 시험을 위해 만들어진 가상의 소식만 싣습니다. '
        "사람과 회사와 언론사의 이름은 모두 지어낸 것입니다.</p>\n"
        '<div class="site_map"><ul><li><a href="/terms">이용약관</a></li><li>'
        '<a href="/privacy">개인정보처리방침</a></li></ul></div>\n'
        '<p class="copyright">주식회사 데모 | 자본금 3억원 | 대표 홍길동</p></footer>\n</div>\n'
        f'<section class="login_widget" style="display:none"><form action="/index.php?act=procMemberLogin" method="post">'
        f'<input type="hidden" name="error_return_url" value="{path}" /><input type="hidden" name="mid" value="{mid}" />'
        '<input type="text" name="user_id" id="uemail" /><input type="password" name="password" id="pw" />'
        '<p>공용 컴퓨터에서는 로그인 상태를 유지하지 마세요.</p><button type="submit" class="btn_submit">'
        "로그인</button></form></section>\n"
        f'{photo}<script src="/addons/photoswipe/photoswipe.js?t=1783400000"></script>\n'
    )


_MENU = {
    "politics": "정치",
    "economy": "경제",
    "society": "사회",
    "world": "국제",
    "culture": "문화",
    "science": "과학",
    "sports": "스포츠",
    "opinion": "오피니언",
}
_SUBMENU = ("속보", "분석", "사람", "지역", "영상", "사진")
_FONTS = "굴림, 궁서, 돋움, 바탕, 맑은 고딕, 나눔고딕, Arial, Courier New, Georgia, Tahoma, Verdana, Consolas"
_BUTTONS = (
    "bold, italic, underline, strike, subscript, superscript, fontsize, textcolor, bgcolor, removeformat, justifyleft, "
    "justifycenter, justifyright, numberedlist, bulletedlist, indent, outdent, blockquote, link, unlink, image, table, "
    "horizontalrule, smiley, specialchar, source, maximize, showblocks, undo, redo, find, replace, selectall"
)
