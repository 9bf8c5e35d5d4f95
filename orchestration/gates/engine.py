"""The library at work: its context, and a candidate as its data source.

Here: how Great Expectations is set up: nothing of it leaves the machine, nothing is drawn, nothing is written. Not here: what is
asked of it (`runner`, `data_docs`). It is imported (seconds, once per process) when the first context is made.
"""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def ephemeral_context() -> Any:
    """A context whose stores are in memory, with our own expectations known by their type. It sends no analytics."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults, ProgressBarsConfig

    import orchestration.gates.custom  # noqa: F401

    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    return gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
            analytics_enabled=False,
            progress_bars=ProgressBarsConfig(globally=False),
        ),
    )


@contextmanager
def candidate_source(context: Any, candidate: Path) -> Iterator[Any]:
    """The candidate (DuckDB, opened read only) as a data source of the context, let go of at the end."""
    with warnings.catch_warnings():
        # duckdb-engine says at each connection that it reflects no indices; a candidate has none.
        warnings.filterwarnings("ignore", message=".*reflection on indices.*")
        from sqlalchemy import URL

        import orchestration.gates.dialect  # noqa: F401

        address = URL.create("duckdb+buffered", database=str(candidate), query={"access_mode": "read_only"})
        source = context.data_sources.add_sql("candidate", connection_string=address.render_as_string())
        try:
            yield source
        finally:
            # Two engines hold the file, the source's own and the one that runs the checks; publish must be free to open it.
            source.get_execution_engine().close()
            source.get_engine().dispose()
