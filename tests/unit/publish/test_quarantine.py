"""Refused documents stay out whole, their failing rows are kept, and are resolved when the document passes or changes."""

import datetime as dt
import json
from pathlib import Path

import pytest
from publish_world import NOW, SEEN, Document, day, red, refusing, write_candidate

from orchestration.decisions import Decision
from orchestration.gates.catalogue import catalogue
from orchestration.gates.runner import judge
from orchestration.publish.quarantine import SUITES
from orchestration.publish.reader import red_gates

OPEN = (
    "select table_name, row_key, gate, document_id, listed_on, first_run_id, last_run_id from quarantine where resolved_at is null"
)
RESOLVED = "select document_id, resolution from quarantine where resolved_at is not null order by all"
TITLES = "select document_id, title from board_rows order by all"
EDITED = SEEN + dt.timedelta(hours=1)


def refuse(*documents, on=1, gate="board_rows.titled", **key):
    return [refusing("news", day(on), *documents, gate=gate, **key)]


def test_a_new_document_that_is_refused_is_absent_whole_and_the_rest_is_published(world):
    world.publish([Document(1, day(1)), Document(2, day(1), blocks=("100", "글"))], [day(1)], refused=refuse(2))
    for table in ("board_rows", "articles", "article_versions", "article_blocks", "currency_facts"):
        assert world.sql(f"select distinct document_id from {table}") in ([(1,)], []), table
    assert world.sql("select state from board_days") == [("published",)]
    assert world.sql(OPEN) == [("board_rows", "2", "board_rows.titled", 2, day(1), "run1", "run1")]
    assert world.sql("select quarantined_count, row_count from daily_board_summary") == [(1, 1)]


def test_an_edit_that_is_refused_leaves_the_last_published_state(world):
    world.publish([Document(1, day(1), title="전", blocks=("100",))], [day(1)])
    before = world.tables()
    world.publish([Document(1, day(1), title="후", blocks=("200",))], [day(1)], refused=refuse(1))
    after = world.tables()
    for table in ("board_rows", "articles", "article_versions", "article_blocks", "currency_facts"):
        assert after[table] == before[table]


def test_a_document_that_moved_and_is_refused_stays_under_its_old_day(world):
    world.publish([Document(1, day(1))], [day(1)])
    world.publish([Document(1, day(2))], [day(2)], refused=refuse(1, on=2))
    assert world.sql("select listed_on from board_rows") == [(day(1),)]
    assert world.sql("select day, row_count, quarantined_count from daily_board_summary order by 1") == [
        (day(1), 1, 0),
        (day(2), 0, 1),
    ]


def test_a_row_keeps_its_content_its_reason_and_the_page_that_it_was_read_from(world):
    key = {"block_position": 1}
    world.publish(
        [Document(7, day(1), blocks=("글", "<br>"))], [day(1)], refused=refuse(7, gate="article_blocks.text_clean", **key)
    )
    ((row_key, reason, content, page),) = world.sql("select row_key, reason, row, response_id from quarantine")
    assert (row_key, reason, page) == ("7/1", "제목이 비었다", "p7")
    assert json.loads(content)["text"] == "<br>"


def test_every_failing_row_of_every_gate_is_kept(world):
    documents = [Document(n, day(1), blocks=("글", "<br>")) for n in range(1, 501)]
    both = [
        refusing("news", day(1), *range(1, 501)),
        refusing("news", day(1), *range(1, 501), gate="article_blocks.text_clean", block_position=1),
    ]
    published = world.publish(documents, [day(1)], refused=both)
    assert len(published.acceptance.refused_documents) == 500
    assert world.sql("select table_name, count(*), count(distinct document_id) from quarantine group by all order by all") == [
        ("article_blocks", 500, 500), ("board_rows", 500, 500),
    ]  # fmt: skip
    assert world.sql("select quarantined_count from daily_board_summary") == [(500,)]


def test_a_row_refused_again_is_the_same_row_and_stays_open(world):
    for _ in range(3):
        world.publish([Document(1, day(1), title="<b>")], [day(1)], refused=refuse(1))
    assert world.sql(OPEN) == [("board_rows", "1", "board_rows.titled", 1, day(1), "run1", "run3")]
    assert world.sql("select refused_at from quarantine") == [(NOW + dt.timedelta(hours=1),)]


def test_a_visit_alone_makes_no_new_row(world):
    for seen in (SEEN, EDITED):
        world.publish([Document(1, day(1), seen_at=seen, view_count=seen.hour)], [day(1)], refused=refuse(1))
    assert world.sql("select count(*) from quarantine") == [(1,)]


def test_a_newer_state_that_is_refused_too_supersedes_the_older(world):
    world.publish([Document(1, day(1), title="<b>")], [day(1)], refused=refuse(1))
    world.publish([Document(1, day(1), title="<i>")], [day(1)], refused=refuse(1))
    assert world.sql("select row->>'title', resolution from quarantine order by all") == [("<b>", "superseded"), ("<i>", None)]


def test_a_newer_state_that_passes_supersedes_the_refused_one(world):
    world.publish([Document(1, day(1), title="<b>")], [day(1)], refused=refuse(1))
    world.publish([Document(1, day(1), title="나중 제목")], [day(1)])
    assert world.sql(RESOLVED) == [(1, "superseded")]
    assert world.sql("select sum(quarantined_count) from daily_board_summary") == [(0,)]


def test_a_document_that_passes_as_its_page_said_it_is_fixed(world):
    world.publish([Document(1, day(1), title="A&B")], [day(1)], refused=refuse(1))
    world.publish([Document(1, day(1), title="A&B")], [day(1)])  # the gate was mended
    assert world.sql(RESOLVED) == [(1, "fixed")]
    assert world.sql(TITLES) == [(1, "A&B")]


def test_a_document_that_was_taken_up_again_is_requeued(world):
    world.publish([Document(1, day(1), title="A&B"), Document(2, day(1))], [day(1)], refused=refuse(1, 2))
    asked = Decision("requeue", world.now + dt.timedelta(minutes=1), "a@b", "mended", documents=(1,))
    world.publish([Document(1, day(1), title="A&B"), Document(2, day(1))], [day(1)], decisions=[asked])
    assert world.sql(RESOLVED) == [(1, "requeued"), (2, "fixed")]


def test_a_requeue_counts_until_the_document_is_refused_again(world):
    world.publish([Document(1, day(1))], [day(1)], refused=refuse(1))
    asked = Decision("requeue", world.now + dt.timedelta(minutes=1), "a@b", "mended", board_id="news", day=day(1))
    world.publish([Document(1, day(1))], [day(1)], refused=refuse(1), decisions=[asked])
    world.publish([Document(1, day(1))], [day(1)], decisions=[asked])
    assert world.sql(RESOLVED) == [(1, "fixed")]


def test_a_requeue_of_another_board_or_day_says_nothing(world):
    world.publish([Document(1, day(1))], [day(1)], refused=refuse(1))
    at = world.now + dt.timedelta(minutes=1)
    others = [Decision("requeue", at, "a@b", "x", board_id="local"), Decision("requeue", at, "a@b", "x", day=day(2))]
    world.publish([Document(1, day(1))], [day(1)], decisions=others)
    assert world.sql(RESOLVED) == [(1, "fixed")]


def test_a_resolved_row_that_is_refused_again_is_open_again(world):
    world.publish([Document(1, day(1))], [day(1)], refused=refuse(1))
    world.publish([Document(1, day(1))], [day(1)])
    world.publish([Document(1, day(1))], [day(1)], refused=refuse(1))
    assert world.sql("select first_run_id, last_run_id, refused_at = $$" + str(world.now) + "$$, resolution from quarantine") == [
        ("run1", "run3", True, None)
    ]


def test_a_document_that_its_day_no_longer_shows_is_superseded(world):
    world.publish([Document(1, day(1)), Document(2, day(1))], [day(1)], refused=refuse(2))
    world.publish([Document(1, day(1))], [day(1)])
    assert world.sql(RESOLVED) == [(2, "superseded")]


def test_a_run_of_another_day_resolves_nothing(world):
    world.publish([Document(1, day(1))], [day(1)], refused=refuse(1))
    world.publish([Document(2, day(2))], [day(2)])
    assert len(world.sql(OPEN)) == 1


def test_a_held_back_day_puts_nothing_into_quarantine_and_resolves_nothing(world):
    world.publish([Document(1, day(1)), Document(2, day(1))], [day(1)], refused=refuse(1))
    held = [red("news", day(1), "listings.step")]
    world.publish([Document(1, day(1)), Document(2, day(1), title="<b>")], [day(1)], refused=refuse(2), results=held)
    assert [row[3] for row in world.sql(OPEN)] == [1]
    assert world.sql("select state from board_days") == [("held_back",)]


def test_a_refused_version_is_remembered_until_it_is_published(world):
    world.publish([Document(1, day(1), blocks=("하나",))], [day(1)])
    edited = Document(1, day(1), blocks=("하나", "둘"), read_at=EDITED)
    world.publish([edited], [day(1)], refused=refuse(1))
    assert world.sql("select document_id, read_at, run_id from refused_versions") == [(1, EDITED, "run2")]
    world.publish([edited], [day(1)], refused=refuse(1))
    assert world.sql("select run_id from refused_versions") == [("run2",)]
    world.publish([edited], [day(1)])
    assert world.sql("from refused_versions") == []


def test_a_refused_row_over_a_published_article_refuses_no_version(world):
    world.publish([Document(1, day(1))], [day(1)])
    world.publish([Document(1, day(1), title="<b>")], [day(1)], refused=refuse(1))
    assert world.sql("from refused_versions") == []


def test_a_refused_version_of_a_held_back_day_is_remembered_too(world):
    """Else it would count as a version as soon as a better page is read, though no gate ever passed it."""
    held = [red("news", day(1), "documents.few_are_refused")]
    world.publish([Document(1, day(1))], [day(1)], refused=refuse(1), results=held)
    assert world.sql("select document_id, read_at from refused_versions") == [(1, SEEN)]


@pytest.mark.parametrize("suite", SUITES)
def test_a_suite_that_refuses_documents_says_where_its_rows_lie(suite):
    raw = json.loads((Path(__file__).parents[3] / "expectations" / f"{suite}.json").read_text())
    assert SUITES[suite].relation == raw["meta"]["relation"]


def test_every_gate_that_refuses_documents_has_such_a_suite():
    gates = catalogue(Path(__file__).parents[3] / "expectations")
    assert {gate.suite for gate in gates if gate.unit == "document" and gate.severity == "critical"} <= set(SUITES)


def test_a_thousand_rows_that_a_gate_refuses_are_all_kept_out_and_all_named(world, tmp_path):
    """Great Expectations lists 20 failing rows unless told otherwise: through the real gates and the real publish."""
    documents = [Document(n, day(1), title="깨진 제목" if n <= 1000 else "제목") for n in range(1, 1051)]
    candidate = write_candidate(world.home / "build" / "run1" / "candidate.duckdb", documents)
    suite = {
        "name": "board_rows",
        "meta": {"relation": "int_board_rows", "keys": ["board_id", "document_id"], "refuses": "document"},
        "expectations": [
            {
                "type": "expect_column_values_to_not_be_in_set",
                "kwargs": {"column": "title", "value_set": ["깨진 제목"]},
                "severity": "critical",
                "meta": {"gate": "board_rows.titled", "owner": "parsers", "reason": "제목이 깨졌다"},
            }
        ],
    }
    (tmp_path / "suites").mkdir()
    (tmp_path / "suites" / "board_rows.json").write_text(json.dumps(suite))
    verdicts = judge(candidate, world.scope([day(1)]), tmp_path / "suites", {"news": 1.0})
    (refusing_gate,) = (result for result in verdicts.results if result.outcome == "failed")
    world.publish_candidate(candidate, [day(1)], refused=[(refusing_gate, verdicts.refusals)])
    assert world.sql("select count(*), min(document_id) from board_rows") == [(50, 1001)]
    assert world.sql("select count(distinct document_id), min(document_id), max(document_id) from quarantine") == [(1000, 1, 1000)]
    assert world.sql("select failing_count, json_array_length(sample) from gate_results") == [(1000, 20)]
    assert len(red_gates(world.published, 5)[1][0].sample) == 20
