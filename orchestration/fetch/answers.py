"""What counts as an answer: a list page, an article, or a word on where the article went.

Here: pure judgements of one response, in the words of the reason that an operator reads. Not here: asking again (`asking`), what
is asked for (`board`).
"""

from urllib.parse import urljoin

from orchestration.fetch import addresses, robots
from orchestration.fetch.strategies.steps import Ask
from orchestration.landing.records import Response
from orchestration.parse import urls
from orchestration.parse.records import Page


def why_no_robots(response: Response) -> str | None:
    return None if robots.read_robots(response.status, response.body) else f"robots.txt: HTTP {response.status}"


def why_no_list(page: Page, ask: Ask) -> str | None:
    """Why a page is not the list page asked for; None when it is."""
    posts = [row for row in page.rows if not row.is_notice]
    wanted = "all" if ask.what == "list" else "search"
    if page.kind != "list":
        return f"list page {ask.page}: {page.reason or 'an article stands in its place'}"
    if page.view != wanted:
        return f"list page {ask.page}: the board shows another listing ({page.view})"
    if page.page_no is not None and page.page_no != ask.page:
        return f"list page {ask.page}: its pager says page {page.page_no}"
    if wanted == "all" and not posts and (ask.page == 1 or ask.page <= (page.last_page or 0)):
        return f"list page {ask.page}: the list is empty; if the board is new, this ends with its first post"
    return None


def why_no_article(response: Response, page: Page, document_id: int) -> str | None:
    """Why a response says nothing of the article asked for; None when it shows it, or says that it is gone, moved or secret."""
    name = f"article {document_id}"
    word = (page.reason or "").partition(":")[0]
    if response.status == 403:
        # A page of the board (a secret post, a refusal) answers; one of something before it (a firewall) does not.
        return None if page.article or page.engine else f"{name}: blocked (HTTP 403, no page of the board)"
    if response.status in (404, 410) or is_moved(response.url, response.headers.get("location"), document_id):
        return None
    if page.article is not None:
        other = page.article.document_id not in (None, document_id)
        return f"{name}: answered with article {page.article.document_id}" if other else None
    return None if word in ("deleted", "refused") else f"{name}: {page.reason or 'a list without the article'}"


def holds_article(response: Response, document_id: int) -> bool:
    """Whether the bytes show, without being parsed, the whole desktop page of the article asked for. Parsing every article here
    would take more than half of the fetch's own time, and `build` parses it anyway."""
    body = response.body
    return (
        response.status == 200
        and b"<!--BeforeDocument(%d," % document_id in body
        and (b"read_header" in body or b"rd_hd" in body)
        and b"/m.skins/" not in body
        and b"</html" in body[-4000:].lower()
    )


def is_moved(url: str, location: str | None, document_id: int) -> bool:
    """Whether a redirect says that the document stands on another board: its own id, another board's name."""
    if not location:
        return False
    target = urljoin(url, location)
    return urls.document_id(target) == document_id and addresses.mid_of(target) != addresses.mid_of(url)
