"""What a run says of its board-days, its gates and itself."""

import datetime as dt

import duckdb
from publish_world import NOW, Document, board, day, green, rate, red, write_candidate

from orchestration.gates.records import Verdicts
from orchestration.publish.acceptance import accept
from orchestration.publish.audit import NOT_RUN, DayState, day_states
from orchestration.scope import BoardDay, Scope

BEFORE = NOW - dt.timedelta(days=1)
NEWS, DAY1 = board(), day(1)


def states(before=(), *, built=(), failed=(), results=(), boards=(NEWS,), decisions=(), from_on=DAY1, to_on=DAY1):
    board_days = [BoardDay("news", d, "complete") for d in built] + [BoardDay("news", d, "failed", "down") for d in failed]
    scope = Scope("r2", from_on, to_on, False, tuple(board_days))
    known = {(s.board_id, s.day): s for s in before}
    verdicts = Verdicts(tuple(results), ())
    hashes = {("news", d): "c0ffee" for d in built}
    found = day_states(known, scope, verdicts, accept(scope, verdicts, hashes, decisions), boards, now=NOW, version=2)
    return {(s.board_id, s.day): s for s in found}


def known(state, *, good=1, on=DAY1, board_id="news"):
    return DayState(board_id, on, state, None, None, BEFORE, good, "r1")


def test_an_accepted_day_is_published_in_this_version():
    assert states(built=[day(1)]) == {("news", day(1)): DayState("news", day(1), "published", None, None, NOW, 2, "r2")}


def test_a_day_that_stays_published_keeps_since_when():
    assert states([known("published")], built=[day(1)])["news", day(1)] == DayState(
        "news", day(1), "published", None, None, BEFORE, 2, "r2"
    )


def test_a_held_back_day_names_its_gate_and_keeps_its_last_good_version():
    held = states([known("published")], built=[day(1)], results=[red("news", day(1))])["news", day(1)]
    assert held == DayState("news", day(1), "held_back", "board_rows.titled", "제목이 비었다", NOW, 1, "r2", "c0ffee")


def test_a_new_day_that_is_held_back_has_no_good_version():
    assert states(built=[day(1)], results=[red("news", day(1))])["news", day(1)].last_good_version is None


def test_a_day_held_back_again_keeps_since_when_and_takes_the_new_reason():
    held = states([known("held_back")], built=[day(1)], results=[red("news", day(1), "articles.read")])["news", day(1)]
    assert (held.gate, held.since_at) == ("articles.read", BEFORE)


def test_a_failed_day_has_the_reason_of_its_fetch():
    assert states([known("published")], failed=[day(1)])["news", day(1)] == DayState(
        "news", day(1), "failed", None, "down", NOW, 1, "r2"
    )


def test_a_red_gate_on_a_failed_day_does_not_hold_back_what_was_not_built():
    assert states(failed=[day(1)], results=[red("news", day(1))])["news", day(1)].state == "failed"


def test_a_day_of_the_range_that_no_run_reached_is_not_run():
    found = states(built=[day(1)], to_on=day(2), boards=(board(), board("daily")))
    assert {key: s.state for key, s in found.items()} == {
        ("news", day(1)): "published",
        ("news", day(2)): "not_run",
        ("daily", day(1)): "not_run",
        ("daily", day(2)): "not_run",
    }
    assert found["daily", day(1)].reason == NOT_RUN


def test_a_day_before_the_first_of_its_board_is_no_board_day():
    assert ("daily", day(1)) not in states(built=[day(1)], boards=(board(), board("daily", first_day=day(2))))


def test_what_is_known_of_a_day_that_the_run_did_not_reach_still_stands():
    assert states([known("published", board_id="daily")], built=[day(1)], boards=(board("daily"),)).keys() == {("news", day(1))}


def test_the_rates_are_named_only_while_they_are_held_back_and_when_they_no_longer_are():
    assert ("_rates", day(1)) not in states(built=[day(1)], results=[green("_rates", day(1))])
    assert states(built=[day(1)], results=[red("_rates", day(1))])["_rates", day(1)].state == "held_back"
    before = [known("held_back", board_id="_rates")]
    assert states(before, built=[day(1)], results=[green("_rates", day(1))])["_rates", day(1)].state == "published"


def test_audit_tables_are_published_also_when_everything_was_held_back(world):
    published = world.publish([Document(1, day(1))], [day(1)], results=[red("news", day(1)), green("news", day(1), "a.b")])
    assert [(r.board_id, r.day, r.gate) for r in published.held_back] == [("news", day(1), "board_rows.titled")]
    assert world.sql("select count(*) from board_rows") == [(0,)]
    assert world.sql("select board_id, day, state, gate, run_id from board_days") == [
        ("news", day(1), "held_back", "board_rows.titled", "run1")
    ]
    assert world.sql("select held_back, released, boards, from_on, to_on, contract_version from publishes") == [
        ([{"board_id": "news", "day": day(1), "gate": "board_rows.titled"}], [], ["news"], day(1), day(1), 1)
    ]
    assert world.sql("select gate, outcome, failing_count, warehouse_version from gate_results order by 1") == [
        ("a.b", "passed", 0, 1),
        ("board_rows.titled", "failed", 3, 1),
    ]


def test_a_run_with_nothing_built_publishes_its_failure(world):
    published = world.publish([], [day(1)], failed=[("news", day(1))])
    assert [bd.reason for bd in published.failed] == ["the board is down"]
    assert world.sql("select state, reason from board_days") == [("failed", "the board is down")]


def test_each_version_counts_its_rows(world):
    world.publish([Document(1, day(1), blocks=("100", "글"))], [day(1)], rates=[rate(day(1))])
    published = world.publish([Document(2, day(1), blocks=None)], [day(1)])
    counts = {
        "board_rows": 2,
        "articles": 1,
        "article_versions": 1,
        "article_blocks": 2,
        "currency_facts": 1,
        "exchange_rates": 1,
    }
    assert published.row_counts == counts
    assert world.sql("select row_counts from publishes order by warehouse_version desc limit 1") == [(counts,)]


def test_results_of_a_run_that_publishes_twice_stand_once(world):
    world.publish([], [day(1)], results=[red("news", day(1))])
    world.runs = 0
    world.publish([], [day(1)], results=[green("news", day(1))])
    assert world.sql("select run_id, outcome, warehouse_version from gate_results") == [("run1", "passed", 2)]


def test_the_summary_counts_by_board_and_day(world):
    documents = [
        Document(1, day(1), blocks=("100", "200")),
        Document(2, day(1), blocks=None),
        Document(3, day(1), blocks=None, status="secret"),
        Document(4, day(2), status="deleted"),
        Document(5, day(3), has_row=False),
    ]
    world.publish(documents, [day(1), day(2), day(3)])
    assert world.sql("from daily_board_summary order by day") == [
        ("news", day(1), 3, 1, 1, 1, 0, 2, 0),
        ("news", day(2), 1, 1, 0, 0, 1, 0, 0),
        ("news", day(3), 0, 1, 0, 0, 0, 0, 0),
    ]


def test_what_is_usual_is_kept_of_accepted_closed_days_and_replaced_with_them(world):
    world.publish([Document(1, day(1)), Document(2, day(1)), Document(3, day(2))], [day(1), day(2)])
    assert world.sql("select day, row_count from board_day_facts order by 1") == [(day(1), 2), (day(2), 1)]
    world.publish([Document(1, day(1)), Document(4, day(2))], [day(1), day(2)], results=[red("news", day(2))])
    assert world.sql("select day, row_count from board_day_facts order by 1") == [(day(1), 1), (day(2), 1)], "held back: as it was"
    assert world.sql("select day, field, seen_count, filled_count from board_day_fields order by 1") == [
        (day(1), "list.author", 1, 0),
        (day(2), "list.author", 1, 0),
    ]
    candidate = write_candidate(world.home / "open" / "candidate.duckdb", [Document(1, day(1))])
    with duckdb.connect(str(candidate)) as connection:
        connection.execute("update int_board_day_facts set is_closed = false")
        connection.execute("update int_board_day_fields set is_closed = false")
    world.publish_candidate(candidate, [day(1)])
    assert world.sql("select day from board_day_facts union select day from board_day_fields") == [(day(2),)]
