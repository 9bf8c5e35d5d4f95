"""What operators decide, on a real board: a held-back day released, refused documents taken up again."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from orchestration.cli import main
from orchestration.demo.content import KST, DemoBoard, generate
from orchestration.demo.server import DemoServer
from orchestration.settings import Settings
from tests.support.workplace import fingerprints, make_settings, rows, run

END = dt.date(2026, 3, 15)
FIRST = END - dt.timedelta(days=1)
NOON = dt.datetime(2026, 3, 16, 12, tzinfo=KST)
STATE = f"select state, gate, candidate_hash from board_days where board_id = 'demo' and day = '{END}'"


@pytest.fixture
def board() -> DemoBoard:
    return generate(seed=3, end_day=END, days=2, posts=30)


@pytest.fixture
def settings(tmp_path: Path, board: DemoBoard) -> Iterator[Settings]:
    with DemoServer(board, now=lambda: NOON) as server:
        yield make_settings(tmp_path, {"id": "demo", "url": server.url})


def boardhouse(settings: Settings, monkeypatch: pytest.MonkeyPatch, *typed: str) -> Result:
    monkeypatch.setenv("BOARDHOUSE_BOARDS", str(settings.boards))
    monkeypatch.setenv("BOARDHOUSE_HOME", str(settings.home))
    return CliRunner().invoke(main, typed)


def hold_back(board: DemoBoard) -> None:
    """Three titles of the last day lose a character: more than a day may lose, so the gates hold it back."""
    for victim in victims(board):
        board.change(victim.srl, title=replace(victim.title, text="제\ufffd목"))


def victims(board: DemoBoard) -> list:
    return [post for post in board.listed if post.regdate.date() == END][:3]


def test_a_release_publishes_what_was_held_back_and_stands_until_it_changes(
    board: DemoBoard, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_back(board)
    assert run(settings, FIRST, END) == 1
    ((state, gate, content),) = rows(settings, STATE)
    assert (state, gate) == ("held_back", "documents.few_are_refused")
    typed = ("release", "--board", "demo", "--day", str(END), "--reason", "위에 확인")

    other = boardhouse(settings, monkeypatch, *typed, "--candidate-hash", "c0ffee")
    assert other.exit_code == 1
    assert f"what is held back now is {content}, not c0ffee" in other.stderr
    assert "nothing to release" in boardhouse(settings, monkeypatch, *typed[:4], str(FIRST), *typed[5:]).stderr

    done = boardhouse(settings, monkeypatch, *typed)
    assert done.exit_code == 0, done.output
    assert f"released: demo {END} is published, for as long as its content is {content}" in done.stdout
    assert rows(settings, STATE) == [("published", gate, content)]
    ((released,),) = rows(settings, "select released from publishes order by warehouse_version desc limit 1")
    assert released == [{"board_id": "demo", "day": END, "reason": "위에 확인", "candidate_hash": content}]
    # What a gate says about a document is not lifted: the three stay out.
    listed = {number for (number,) in rows(settings, f"select document_id from board_rows where listed_on = '{END}'")}
    assert listed
    assert not listed & {victim.srl for victim in victims(board)}
    assert "released by an operator: 1 board-days" in boardhouse(settings, monkeypatch, "status").stdout

    # Unchanged it stands, in every later run; a change holds it back again and leaves the data as it was.
    before = fingerprints(settings)
    assert run(settings, FIRST, END) == 0
    assert rows(settings, STATE) == [("published", gate, content)]
    assert fingerprints(settings) == before
    post = next(post for post in board.listed if post.srl in listed)
    board.change(post.srl, title=replace(post.title, text="고친 제목"))
    assert run(settings, FIRST, END) == 1
    ((state, _, changed),) = rows(settings, STATE)
    assert (state, changed != content) == ("held_back", True)
    assert fingerprints(settings) == before


def test_a_release_of_content_that_the_landing_no_longer_gives_publishes_nothing(
    board: DemoBoard, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_back(board)
    assert run(settings, FIRST, END) == 1
    before = fingerprints(settings)
    # A run that lands pages and dies before it publishes.
    post = next(post for post in board.listed if post.regdate.date() == END and post not in victims(board))
    board.change(post.srl, title=replace(post.title, text="나중에 고친 제목"))
    from orchestration.fetch.crawl import fetch_range
    from orchestration.landing.store import Landing

    fetch_range(settings, settings.load_boards(), FIRST, END, Landing(settings.landing), "died")
    done = boardhouse(settings, monkeypatch, "release", "--board", "demo", "--day", str(END), "--reason", "봤다")
    assert done.exit_code == 1
    assert "the landing now gives other content" in done.stderr
    assert fingerprints(settings) == before


def test_refused_documents_are_taken_up_again_and_those_that_pass_are_resolved(
    board: DemoBoard, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = victims(board)[0]
    board.change(bad.srl, title=replace(bad.title, text="제\ufffd목"))
    assert run(settings, FIRST, END) == 0
    typed = ("requeue", "--board", "demo", "--document", str(bad.srl), "--reason", "다시")

    nothing = boardhouse(settings, monkeypatch, "requeue", "--day", str(FIRST), "--reason", "다시")
    assert (nothing.exit_code, "no document is refused there" in nothing.stderr) == (1, True)
    again = boardhouse(settings, monkeypatch, *typed)
    assert again.exit_code == 1
    assert f"demo {END} {bad.srl}: refused again by" in again.stdout
    assert rows(settings, "select count(*) from quarantine where resolved_at is not null") == [(0,)]
    assert f"{bad.srl}" in boardhouse(settings, monkeypatch, "status").stdout

    # The gate that was wrong about it is mended: here, what counts as a clean title.
    monkeypatch.setattr("orchestration.gates.refusal.decide", decide_without("title_clean"))
    monkeypatch.setattr("orchestration.publish.acceptance.decide", decide_without("title_clean"))
    done = boardhouse(settings, monkeypatch, *typed)
    assert done.exit_code == 0, done.output
    assert f"demo {END} {bad.srl}: requeued" in done.stdout
    assert rows(settings, "select distinct resolution from quarantine") == [("requeued",)]
    assert rows(settings, f"select title from board_rows where document_id = {bad.srl}") == [("제\ufffd목",)]


def decide_without(promise: str):
    """The gates' ruling as if the gates of this promise were not there."""
    from orchestration.gates.records import Verdicts
    from orchestration.gates.refusal import decide

    def ruling(verdicts: Verdicts):
        kept = Verdicts(
            tuple(result for result in verdicts.results if not result.gate.endswith(promise)),
            tuple(refusal for refusal in verdicts.refusals if not refusal.gate.endswith(promise)),
        )
        return decide(kept)

    return ruling
