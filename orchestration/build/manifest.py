"""Parse the dbt project once, at install: `python -m orchestration.build.manifest`.

Here: `dbt_project/target/manifest.json` (which Dagster's definitions read) and the partial parse that every run reuses. Not
here: building anything; no candidate is opened.
"""

import sys
import tempfile
from pathlib import Path

from orchestration.build.run import MANIFEST, BuildError, dbt_arguments


def write_manifest() -> Path:
    """Parse every file of the project and return the manifest's path. Raises BuildError with dbt's own message."""
    from dbt.cli.main import dbtRunner

    with tempfile.TemporaryDirectory() as logs:
        # dbt takes the last of two equal options: the artefacts stay in the project, the log goes.
        outcome = dbtRunner().invoke(["parse", "--quiet", *dbt_arguments(Path(logs)), "--target-path", str(MANIFEST.parent)])
    if not outcome.success:
        raise BuildError(f"the dbt project does not parse: {' '.join(str(outcome.exception).split())[:400]}")
    return MANIFEST


if __name__ == "__main__":
    try:
        print(write_manifest())
    except BuildError as error:
        sys.exit(str(error))
