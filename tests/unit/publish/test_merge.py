"""What a publish does to the documents, by example and against a model in plain Python."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from publish_world import SEEN, Document, World, day, fill_candidate, rate, red, write_candidate

from orchestration.effects import Effects
from orchestration.errors import BoardhouseError
from orchestration.gates.records import Refusal
from orchestration.publish import Stale, merge
from orchestration.publish.schema import DATA_TABLES, DOCUMENT_TABLES, TABLES

LATER = SEEN + dt.timedelta(days=1)


def numbers(world: World, table: str) -> dict[int, int]:
    return dict(world.sql(f"select document_id, max(changed_in_version) from {table} group by all"))


def test_a_document_replaces_itself_and_others_stay(world):
    world.publish([Document(1, day(1)), Document(2, day(1))], [day(1)])
    world.publish([Document(2, day(1), title="고친 제목")], [day(1)])
    assert world.sql("select document_id, title from board_rows order by 1") == [(1, "제목"), (2, "고친 제목")]


def test_a_document_stands_once_also_when_it_comes_from_a_day_outside_the_range(world):
    world.publish([Document(1, day(1), blocks=("100",))], [day(1)])
    world.publish([Document(1, day(9), blocks=("100",))], [day(9)])
    for table in ("board_rows", "articles", "article_versions", "currency_facts"):
        assert world.sql(f"select listed_on from {table}") == [(day(9),)], table


def test_a_held_back_day_stays_as_it_was_and_the_others_go_on(world):
    world.publish([Document(1, day(1)), Document(2, day(2))], [day(1), day(2)])
    candidate = [Document(1, day(1), title="나쁜"), Document(3, day(1), title="나쁜"), Document(2, day(2), title="좋은")]
    world.publish(candidate, [day(1), day(2)], results=[red("news", day(1))])
    assert world.sql("select document_id, title from board_rows order by 1") == [(1, "제목"), (2, "좋은")]


def test_a_document_that_moved_to_a_held_back_day_stays_on_its_old_one(world):
    world.publish([Document(1, day(1))], [day(1)])
    world.publish([Document(1, day(2))], [day(1), day(2)], results=[red("news", day(2))])
    assert world.sql("select listed_on from board_rows") == [(day(1),)]


def test_an_article_without_a_row_is_published_under_its_own_day(world):
    world.publish([Document(1, day(1), has_row=False), Document(2, day(2), has_row=False)], [day(1)])
    assert world.sql("select document_id from articles") == [(1,)]
    assert world.sql("select count(*) from board_rows") == [(0,)]


def test_a_row_in_the_candidate_outside_the_scope_is_not_published(world):
    world.publish([Document(1, day(1)), Document(2, day(2))], [day(1)])
    assert world.sql("select document_id from board_rows") == [(1,)]


def test_the_same_content_keeps_its_number_and_takes_the_new_sighting(world):
    world.publish([Document(1, day(1), blocks=("100",))], [day(1)])
    published = world.publish([Document(1, day(1), blocks=("100",), seen_at=LATER, view_count=7)], [day(1)])
    assert world.sql("select changed_in_version, last_seen_at, view_count from board_rows") == [(1, LATER, 7)]
    assert world.sql("select changed_in_version, last_fetched_at from articles") == [(1, LATER)]
    assert set(published.changed.values()) == {0}


def test_a_change_gets_the_new_number(world):
    world.publish([Document(1, day(1)), Document(2, day(1))], [day(1)])
    world.publish([Document(1, day(1), title="고친 제목"), Document(2, day(1))], [day(1)])
    assert numbers(world, "board_rows") == {1: 2, 2: 1}


def test_null_is_equal_to_null_and_differs_from_a_value(world):
    world.publish([Document(1, day(1)), Document(2, day(1))], [day(1)])
    candidate = write_candidate(world.home / "next.duckdb", [Document(1, day(1)), Document(2, day(1))])
    with duckdb.connect(str(candidate)) as connection:
        connection.execute("update board_rows set author = '기자' where document_id = 2")
    world.publish_candidate(candidate, [day(1)])
    assert numbers(world, "board_rows") == {1: 1, 2: 2}


@pytest.mark.parametrize(
    ("before", "after"),
    [(("100", "글"), ("100", "새 글")), (("100", "글"), ("100",)), (("글", "100"), ("글", "200")), (("100",), ("글",))],
)
def test_a_changed_added_or_removed_block_or_fact_marks_the_article(world, before, after):
    """Also where the articles row itself is equal, as after a fix of the parser that moves no text."""
    world.publish([Document(1, day(1), blocks=before), Document(2, day(1))], [day(1)])
    candidate = write_candidate(world.home / "next.duckdb", [Document(1, day(1), blocks=after), Document(2, day(1))])
    old = world.sql("select body_text, block_count, char_count, content_hash from articles where document_id = 1")[0]
    with duckdb.connect(str(candidate)) as connection:
        for table in ("articles", "article_versions"):
            connection.execute(
                f"update {table} set body_text = ?, block_count = ?, char_count = ?, content_hash = ? where document_id = 1", old
            )
    world.publish_candidate(candidate, [day(1)])
    assert numbers(world, "articles") == {1: 2, 2: 1}
    assert numbers(world, "board_rows") == {1: 1, 2: 1}


def test_a_removed_fact_marks_the_row_where_there_is_no_article(world):
    def title_fact(candidate: Path, is_there: bool) -> Path:
        with duckdb.connect(str(candidate)) as connection:
            for table in ("articles", "article_versions", "article_blocks", *([] if is_there else ["currency_facts"])):
                connection.execute(f"delete from {table}")
        return candidate

    documents = [Document(1, day(1), blocks=("100",))]
    world.publish_candidate(title_fact(write_candidate(world.home / "a.duckdb", documents), True), [day(1)])
    assert world.sql("select count(*) from currency_facts") == [(1,)]
    world.publish_candidate(title_fact(write_candidate(world.home / "b.duckdb", documents), False), [day(1)])
    assert numbers(world, "board_rows") == {1: 2}
    assert world.sql("select count(*) from currency_facts") == [(0,)]


def test_rates_are_added_by_key_and_never_changed(world):
    world.publish([], [day(1)], rates=[rate(day(1), krw=1400.0)])
    world.publish([], [day(1)], rates=[rate(day(1), krw=999.0), rate(day(1), krw=1410.0, recorded_at=LATER), rate(day(2))])
    assert world.sql("select day, krw_per_unit, changed_in_version from exchange_rates order by day, recorded_at") == [
        (day(1), 1400.0, 1),
        (day(1), 1410.0, 2),
        (day(2), 1400.0, 2),
    ]


def test_a_refused_rate_stays_out_until_it_passes_and_the_others_of_its_day_do_not(world):
    wrong = replace(red("_rates", day(1)), refuses="rate")
    refusals = (Refusal(wrong.gate, "critical", "_rates", day(1), {"day": str(day(1)), "currency": "USD"}),)
    rates = [rate(day(1)), rate(day(1)) | {"currency": "EUR"}]
    assert world.publish([], [day(1)], rates=rates, refused=[(wrong, refusals)]).held_back == ()
    assert world.sql("select day, currency from exchange_rates") == [(day(1), "EUR")]
    world.publish([], [day(1)], rates=rates)
    assert world.sql("select day, currency from exchange_rates order by all") == [(day(1), "EUR"), (day(1), "USD")]


def test_a_held_back_day_of_rates_stays_out_until_it_passes(world):
    world.publish([], [day(1)], rates=[rate(day(1)), rate(day(2))], results=[red("_rates", day(2))])
    assert world.sql("select day from exchange_rates") == [(day(1),)]
    world.publish([], [day(1)], rates=[rate(day(1)), rate(day(2))])
    assert world.sql("select day from exchange_rates order by day") == [(day(1),), (day(2),)]


def test_a_key_that_stands_twice_in_the_candidate_is_refused(world):
    world.publish([Document(1, day(1))], [day(1)])
    candidate = write_candidate(world.home / "next.duckdb", [Document(1, day(1)), Document(1, day(1), title="또")])
    with pytest.raises(BoardhouseError, match=r"board_rows holds board_id news, document_id 1 twice"):
        world.publish_candidate(candidate, [day(1)])
    assert world.sql("select warehouse_version from publishes") == [(1,)]


def test_a_candidate_without_a_column_of_the_contract_is_refused(world):
    candidate = write_candidate(world.home / "next.duckdb", [])
    with duckdb.connect(str(candidate)) as connection:
        connection.execute("alter table articles drop column source")
    with pytest.raises(BoardhouseError, match=r"articles lacks source"):
        world.publish_candidate(candidate, [day(1)])


def test_a_null_where_the_contract_has_none_is_refused_in_one_line(world):
    candidate = write_candidate(world.home / "next.duckdb", [Document(1, day(1))])
    with duckdb.connect(str(candidate)) as connection:
        connection.execute("update board_rows set title = null")
    with pytest.raises(BoardhouseError, match=r"could not be merged .*NOT NULL constraint failed: board_rows.title") as caught:
        world.publish_candidate(candidate, [day(1)])
    assert "\n" not in str(caught.value)


def test_a_run_that_read_an_older_version_publishes_beside_other_days(world):
    world.publish([Document(1, day(1))], [day(1)])
    world.publish([Document(2, day(2))], [day(2)])
    world.publish([Document(3, day(3))], [day(3)], base=1)
    assert world.sql("select document_id from board_rows order by 1") == [(1,), (2,), (3,)]


def test_a_run_whose_board_day_was_published_meanwhile_is_stale(world):
    world.publish([Document(1, day(1))], [day(1)])
    world.publish([Document(2, day(2))], [day(2)])
    with pytest.raises(Stale, match="since version 1: news 2026-03-02"):
        world.publish([Document(3, day(2))], [day(2), day(3)], base=1)
    assert world.sql("select max(warehouse_version) from publishes") == [(2,)]
    assert world.leftovers() == []


def test_a_run_whose_document_was_published_elsewhere_meanwhile_is_stale(world):
    """Also where the newer version changed nothing but the time of its sighting."""
    world.publish([Document(1, day(1))], [day(1)])
    world.publish([Document(1, day(1), seen_at=LATER)], [day(1)])
    with pytest.raises(Stale, match="news 2026-03-01"):
        world.publish([Document(1, day(2))], [day(2)], base=1)


def test_a_run_that_read_nothing_is_stale_once_its_day_is_published(world):
    world.publish([Document(1, day(1))], [day(1)])
    with pytest.raises(Stale):
        world.publish([Document(1, day(1))], [day(1)], base=None)


# The model: what is published as a dictionary, and the rules of the contract in a few lines of Python.

documents = st.builds(
    Document,
    document_id=st.integers(1, 6),
    listed_on=st.integers(1, 3).map(day),
    title=st.sampled_from(["가", "나"]),
    blocks=st.one_of(st.none(), st.lists(st.sampled_from(["100", "200", "글"]), max_size=3).map(tuple)),
    seen_at=st.sampled_from([SEEN, LATER]),
    view_count=st.integers(0, 1),
    has_row=st.booleans(),
)
runs = st.tuples(
    st.lists(documents, max_size=6, unique_by=lambda d: d.document_id),
    st.sets(st.integers(1, 3), min_size=1),  # days run
    st.sets(st.integers(1, 3)),  # days held back
)

Model = dict[tuple[str, tuple], dict]


def model_publish(model: Model, candidate: list[Document], accepted: set[dt.date], version: int) -> Model:
    """`model`: (table, key) → row."""
    chosen = [d for d in candidate if d.listed_on in accepted and (d.has_row or d.blocks is not None)]
    ids = {d.document_id for d in chosen}
    after: Model = {place: row for place, row in model.items() if row["document_id"] not in ids}
    for document in chosen:
        for table in DOCUMENT_TABLES:
            for row in document.rows().get(table.name, []):
                full = {name: row.get(name) for name in table.column_names}
                place = (table.name, tuple(full[name] for name in table.key))
                old = model.get(place)
                equal = old is not None and all(old[name] == full[name] for name in table.compared)
                after[place] = full | {"changed_in_version": old["changed_in_version"] if equal else version}
    for document_id in ids:
        parts = [
            {p: r for p, r in m.items() if r["document_id"] == document_id and p[0] in ("article_blocks", "currency_facts")}
            for m in (model, after)
        ]
        if parts[0].keys() - parts[1].keys() or any(row["changed_in_version"] == version for row in parts[1].values()):
            for table in ("articles", "board_rows"):
                if (table, ("news", document_id)) in after:
                    after[table, ("news", document_id)]["changed_in_version"] = version
                    break
    return after


@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(runs, min_size=2, max_size=4))
def test_any_sequence_of_publishes_gives_what_the_model_gives(sequence):
    model: Model = {}
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("attach ':memory:' as candidate")
        for table in TABLES:
            connection.execute(table.ddl)
        for version, (candidate, days, held) in enumerate(sequence, start=1):
            candidate = [d for d in candidate if d.has_row or d.blocks is not None]
            accepted = {day(n) for n in days - held}
            model = model_publish(model, candidate, accepted, version)
            fill_candidate(connection, "candidate", candidate)
            merge.choose_documents(connection, [("news", d) for d in accepted])
            changed = merge.merge_documents(connection, version, Effects())
            for table in DOCUMENT_TABLES:
                wanted = sorted(
                    (tuple(r[n] for n in table.column_names) for (t, _), r in model.items() if t == table.name), key=repr
                )
                found = connection.execute(f"from {table.name}").fetchall()
                assert sorted(found, key=repr) == [tuple(_as_read(v) for v in row) for row in wanted], table.name
                assert changed[table.name] == sum(row[-1] == version for row in wanted), table.name


def _as_read(value):
    return list(value) if isinstance(value, tuple) else value


def test_publishing_the_same_candidate_twice_changes_no_row(world):
    candidate = [Document(n, day(1 + n % 3), blocks=("100", "글")) for n in range(1, 30)]
    world.publish(candidate, [day(1), day(2), day(3)], rates=[rate(day(1))])
    before = world.tables()
    world.publish(candidate, [day(1), day(2), day(3)], rates=[rate(day(1))])
    after = world.tables()
    assert {t.name: after[t.name] for t in DATA_TABLES} == {t.name: before[t.name] for t in DATA_TABLES}


def test_days_published_in_pieces_give_the_same_rows_as_at_once(tmp_path):
    candidate = [Document(n, day(1 + n % 3), blocks=("100", "글")) for n in range(1, 10)]
    at_once, in_pieces = World(tmp_path / "a"), World(tmp_path / "b")
    at_once.publish(candidate, [day(1), day(2), day(3)])
    for n in (3, 1, 2):
        in_pieces.publish(candidate, [day(n)])

    def without_numbers(world):
        return [sorted((row[:-1] for row in world.tables()[t.name]), key=repr) for t in DOCUMENT_TABLES]

    assert without_numbers(at_once) == without_numbers(in_pieces)
