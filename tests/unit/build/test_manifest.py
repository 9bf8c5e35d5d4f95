"""A manifest that is not of the models that are here is one line that says `make install`, not a KeyError of a run."""

import json
from pathlib import Path

import pytest

from orchestration.build.manifest import BUILT, check_built, read_manifest
from orchestration.build.run import DbtResult, NodeResult
from orchestration.errors import BoardhouseError

KNOWN = {"model.boardhouse.board_rows": "model", "test.boardhouse.unique": "test", "operation.boardhouse.hook": "operation"}
MANIFEST = {"nodes": {node_id: {"resource_type": kind} for node_id, kind in KNOWN.items()}}
WHOLE = [node_id for node_id, kind in KNOWN.items() if kind in BUILT]


def built(*node_ids: str, success: bool = True) -> DbtResult:
    return DbtResult(success, 1.0, tuple(NodeResult(node_id, success, 0.1, 0, "") for node_id in node_ids))


def test_what_dbt_built_and_the_manifest_names_is_well() -> None:
    check_built(MANIFEST, built(*WHOLE))


def test_a_model_that_the_manifest_lacks_is_named_and_so_is_what_to_do() -> None:
    with pytest.raises(BoardhouseError, match=r"lacks model.boardhouse.new: make install, then run again$"):
        check_built(MANIFEST, built(*WHOLE, "model.boardhouse.new"))
    with pytest.raises(BoardhouseError, match=r"lacks model.boardhouse.a and 1 more: make install"):
        check_built(MANIFEST, built(*WHOLE, "model.boardhouse.b", "model.boardhouse.a", success=False))


def test_a_model_that_only_the_manifest_names_is_named_unless_dbt_failed_before_it() -> None:
    with pytest.raises(BoardhouseError, match=r"still names test.boardhouse.unique: make install"):
        check_built(MANIFEST, built(WHOLE[0]))
    check_built(MANIFEST, built(WHOLE[0], success=False))


@pytest.mark.parametrize("content", [None, "", "[]", "{}"])
def test_a_manifest_that_is_missing_or_cut_off_says_make_install(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "manifest.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(BoardhouseError, match=r"manifest.json (is missing|cannot be read .*): make install$"):
        read_manifest(path)


def test_the_manifest_of_this_project_is_read() -> None:
    assert "model.boardhouse.board_rows" in json.dumps(sorted(read_manifest()["nodes"]))
