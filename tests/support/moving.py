"""Changes to a board between two requests of a fetch."""

import datetime as dt

from orchestration.demo.site import Site

OPERATIONS = ("add", "edit", "delete", "secret", "move", "pin", "date back")


def change(site: Site, operation: str, at: int, end: dt.date) -> None:
    """One change to the board `news`, whose last day is `end`; `at` chooses the post."""
    rows = site.true_rows("news")
    posts = [row.document_id for row in rows if not row.is_notice]
    if operation == "add" or not posts:
        site.add_post(mid="news", regdate=dt.datetime(end.year, end.month, end.day, 23, tzinfo=dt.timezone(dt.timedelta(hours=9))))
        return
    if operation == "date back":
        site.add_post(mid="news", regdate=f"{end - dt.timedelta(days=at % 9)}T08:00:00+09:00")
        return
    post = posts[at % len(posts)]
    match operation:
        case "edit":
            site.edit_post(post, title=f"고친 제목 {at}")
        case "delete":
            site.delete_post(post)
        case "secret":
            site.make_secret(post)
        case "move":
            site.move(post, "elsewhere")
        case "pin":
            site.pin_notice(post)
