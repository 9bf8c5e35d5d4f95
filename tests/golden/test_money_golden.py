"""The quality of the money reader as numbers that cannot silently fall.

Floors only rise; lowering one needs a reason in the commit. Golden sentences are ours (`money/*.jsonl`, a file per category); the
labelled sentences beside the repository are read where they are.
"""

import collections
import json
from decimal import Decimal
from pathlib import Path

import pytest

from orchestration.money.reader import read_mentions
from orchestration.money.stream import as_json

HERE = Path(__file__).parent
SHARED = HERE.parents[2] / "shared" / "money" / "dev.jsonl"

F1_OVER_ALL = 0.998
F1_BY_CATEGORY = 0.98
F1_OF_BARE = 0.97  # where surroundings decide


def load(*paths: Path) -> list[dict]:
    return [json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines()]


def value(mention: dict):
    if mention["amount"] is not None:
        return Decimal(mention["amount"])
    return Decimal(mention["min"]), Decimal(mention["max"])


def key(mention: dict):
    return mention["start"], mention["end"], mention["currency"], value(mention)


def f1_by_category(rows: list[dict]) -> dict[str, float]:
    tally = collections.defaultdict(lambda: [0, 0, 0])
    for row in rows:
        want = {key(m) for m in row["expected"] if not m.get("optional")}
        loose = [m for m in row["expected"] if m.get("optional")]
        got = {key(as_json(m)) for m in read_mentions(row["text"])}
        extra = {g for g in got - want if not any(g[0] < o["end"] and o["start"] < g[1] for o in loose)}
        for name in (row["category"], "all"):
            for place, count in enumerate((len(want & got), len(extra), len(want - got))):
                tally[name][place] += count
    return {
        name: 2 * right / (2 * right + extra + missed) if right + extra + missed else 1.0
        for name, (right, extra, missed) in tally.items()
    }


def pairs(mentions: list[dict]) -> set[tuple[int, int]]:
    return {(m["start"], mentions[m["paired_with"]]["start"]) for m in mentions if m.get("paired_with") is not None}


OWN = load(*sorted((HERE / "money").glob("*.jsonl")))


def test_the_golden_set_is_large_and_balanced():
    count = collections.Counter(row["category"] for row in OWN)
    assert sum(count.values()) >= 250
    bare = [bool(row["expected"]) for row in OWN if row["category"] == "bare"]
    assert len(bare) >= 20 and bare.count(True) >= 20 and bare.count(False) >= len(bare) / 2


def test_golden_labels_are_those_of_their_text():
    for row in OWN:
        for mention in row["expected"]:
            assert row["text"][mention["start"] : mention["end"]] == mention["text"], row["id"]


@pytest.mark.parametrize("category", sorted({row["category"] for row in OWN} | {"all"}))
def test_own_sentences_keep_their_floor(category):
    floor = {"all": F1_OVER_ALL, "bare": F1_OF_BARE}.get(category, F1_BY_CATEGORY)
    assert f1_by_category(OWN)[category] >= floor


@pytest.mark.parametrize("row", OWN, ids=lambda row: row["id"])
def test_pairs_of_own_sentences_are_exact(row):
    assert pairs([as_json(m) for m in read_mentions(row["text"])]) == pairs(row["expected"])


@pytest.mark.parametrize("field", ["kind", "qualifier", "per"])
def test_what_stands_beside_an_amount_is_read(field):
    wrong = []
    for row in OWN:
        got = {m["start"]: m for m in map(as_json, read_mentions(row["text"]))}
        wrong += [(row["id"], m["text"]) for m in row["expected"] if m["start"] in got and got[m["start"]][field] != m[field]]
    assert wrong == []


def test_a_wrong_label_lowers_the_score():
    row = json.loads(json.dumps(next(row for row in OWN if row["category"] == "krw")))
    row["expected"][0]["amount"] = "1"
    assert f1_by_category([row])["krw"] < 0.5


@pytest.mark.skipif(not SHARED.exists(), reason="the labelled sentences are not beside this repository")
def test_the_labelled_sentences_keep_their_floor():
    rows = load(SHARED)
    scores = f1_by_category(rows)
    assert scores["all"] >= 0.985
    assert min(scores.values()) >= 0.95, scores
    for row in rows:
        want = pairs(row["expected"])
        assert want == pairs([as_json(m) for m in read_mentions(row["text"])]), row["text"]
