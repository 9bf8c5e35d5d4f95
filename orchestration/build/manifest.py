"""Parse the dbt project once, at install: `python -m orchestration.build.manifest`.

Here: `dbt_project/target/manifest.json` (which Dagster's definitions read), whether it is of the models that are there, and the
partial parse that every run reuses. Not here: building anything; no candidate is opened.
"""

import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestration.build.run import MANIFEST, BuildError, DbtResult, dbt_arguments
from orchestration.errors import BoardhouseError

BUILT = ("model", "seed", "test")
"""The nodes of a manifest that a build has a result of."""


def write_manifest() -> Path:
    """Parse every file of the project and return the manifest's path. Raises BuildError with dbt's own message."""
    from dbt.cli.main import dbtRunner

    with tempfile.TemporaryDirectory() as logs:
        # dbt takes the last of two equal options: the artefacts stay in the project, the log goes.
        outcome = dbtRunner().invoke(["parse", "--quiet", *dbt_arguments(Path(logs)), "--target-path", str(MANIFEST.parent)])
    if not outcome.success:
        raise BuildError(f"the dbt project does not parse: {' '.join(str(outcome.exception).split())[:400]}")
    return MANIFEST


def read_manifest(path: Path = MANIFEST) -> dict[str, Any]:
    """The manifest as dbt wrote it. Raises BoardhouseError (one line) where there is none."""
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        found["nodes"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        why = "is missing" if isinstance(error, FileNotFoundError) else f"cannot be read ({error})"
        raise BoardhouseError(f"dbt's manifest {path} {why}: make install") from None
    return found


def check_built(manifest: Mapping[str, Any], result: DbtResult) -> None:
    """Raise BoardhouseError (one line) where dbt, which reads the project's files, built other nodes than the manifest names:
    then Dagster's graph is of other models than those that are here. A build that failed may have left some out."""
    known = {node_id for node_id, node in manifest["nodes"].items() if node["resource_type"] in BUILT}
    built = {node.unique_id for node in result.nodes}
    unknown, gone = sorted(built - known), sorted(known - built) if result.success else []
    for word, names in (("lacks", unknown), ("still names", gone)):
        if names:
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            raise BoardhouseError(
                f"dbt's manifest is not of the models that are here, it {word} {names[0]}{more}: make install, then run again"
            )


if __name__ == "__main__":
    try:
        print(write_manifest())
    except BuildError as error:
        sys.exit(str(error))
