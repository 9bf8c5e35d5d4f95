"""Parse the dbt project once, at install: `python -m orchestration.build.manifest`.

Here: `dbt_project/target/manifest.json` (which Dagster's definitions read) and the partial parse that every run reuses. Not
here: building anything; no candidate is opened.
"""

import sys
import tempfile
from pathlib import Path

from orchestration.build.run import MANIFEST, BuildError, dbt_project_arguments


def write_manifest() -> Path:
    """Parse every file of the project and return the manifest's path. Raises BuildError with dbt's own message."""
    from dbt.cli.main import dbtRunner

    with tempfile.TemporaryDirectory() as logs:
        folders = ("--target-path", str(MANIFEST.parent), "--log-path", logs)
        outcome = dbtRunner().invoke(["parse", "--quiet", "--no-version-check", *dbt_project_arguments(), *folders])
    if not outcome.success:
        raise BuildError(f"the dbt project does not parse: {' '.join(str(outcome.exception).split())[:400]}")
    return MANIFEST


if __name__ == "__main__":
    try:
        print(write_manifest())
    except BuildError as error:
        sys.exit(str(error))
