"""What is published of a board that moved under the fetch: each post once, and every post that stayed."""

import datetime as dt
import random
from pathlib import Path

import pytest

from orchestration.demo.content import generate
from orchestration.demo.faults import Asked
from orchestration.demo.server import DemoServer
from tests.support.moving import OPERATIONS, change
from tests.support.workplace import make_settings, rows, run

END = dt.date(2026, 11, 20)


@pytest.mark.parametrize("seed", [1])
def test_no_post_stands_twice_and_none_that_stayed_is_missing(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    with DemoServer(generate(seed, END, days=6, posts=150)) as server:
        first = END - dt.timedelta(days=1)

        def standing() -> set[int]:
            return {row.document_id for row in server.site.true_rows("news") if first <= row.listed_on <= END}

        stayed = standing()

        def between(asked: Asked) -> None:
            nonlocal stayed
            if chance.random() < 0.3:
                change(server.site, chance.choice(OPERATIONS), chance.randrange(10**6), END)
                stayed &= standing()

        server.faults = between
        settings = make_settings(tmp_path, {"id": "demo", "url": server.url})
        for _ in range(2):
            run(settings, first, END)
            stands = rows(settings, f"select document_id from board_rows where listed_on between '{first}' and '{END}'")
            listed = [document for (document,) in stands]
            assert len(listed) == len(set(listed)) and stayed <= set(listed)
            assert rows(settings, "select document_id from articles group by all having count(*) > 1") == []
            assert rows(settings, "select document_id from board_rows group by document_id having count(*) > 1") == []
