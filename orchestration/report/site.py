"""`make docs`: the documentation as a site, and beside it dbt's own pages and Great Expectations'. `python -m
orchestration.report.site` builds all three.

Here: where they go (`BOARDHOUSE_HOME/docs`). Not here: what they say, and how Great Expectations' are made (`gx_pages`). They can
be built at any moment, also while a run is under way.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from orchestration.build.run import MANIFEST, BuildError, dbt_arguments
from orchestration.errors import BoardhouseError
from orchestration.report.gx_pages import build_gx_pages
from orchestration.settings import load_settings

CONFIG = Path(__file__).parents[2] / "mkdocs.yml"


def build_site(folder: Path) -> Path:
    """The site, in `folder`; its first page. Raises BoardhouseError where a link leads nowhere."""
    from mkdocs.commands.build import build
    from mkdocs.config import load_config
    from mkdocs.exceptions import MkDocsException

    try:
        build(load_config(str(CONFIG), site_dir=str(folder)))
    except MkDocsException as error:
        raise BoardhouseError(f"the documentation cannot be built: {error}") from None
    return folder / "index.html"


def build_dbt_pages(folder: Path) -> Path:
    """dbt's documentation of the models and their lineage, in one file without a server. Raises BuildError with dbt's message."""
    from dbt.cli.main import dbtRunner

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch) / "target"
        target.mkdir()
        shutil.copy(MANIFEST, target)
        # --empty-catalog: the types stand in the contracts; no candidate is there to be asked.
        command = ["docs", "generate", "--static", "--empty-catalog", "--no-compile", "--quiet", *dbt_arguments(Path(scratch))]
        outcome = dbtRunner().invoke(command)
        if not outcome.success:
            raise BuildError(f"dbt's pages cannot be built: {' '.join(str(outcome.exception).split())[:400]}")
        page = folder / "index.html"
        page.write_bytes((target / "static_index.html").read_bytes())
    return page


if __name__ == "__main__":
    try:
        settings = load_settings()
        home = settings.home / "docs"
        print(build_site(home / "site"))
        print(build_dbt_pages(home / "dbt"))
        print(build_gx_pages(settings, home / "gx"))
    except BoardhouseError as problem:
        sys.exit(f"boardhouse: {problem}")
