"""The dbt-duckdb plugin that opens the run's own candidate.

Here: the one hook that swaps the profile's constant path for the candidate's. Not here: starting dbt (`run`). dbt hashes the
profile's connection and parses every file anew when it changes (6 s instead of 0.3 s); with a path per run in the profile no
parse would be reused. dbt's target folder lies in the run's folder, so the candidate is the file beside it.
"""

from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.flags import get_flags

from orchestration.errors import ConfigError


class Plugin(BasePlugin):
    """dbt-duckdb looks for this name."""

    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        """Called before the connection opens. Raises ConfigError where no candidate lies beside dbt's target folder."""
        target = getattr(get_flags(), "TARGET_PATH", None)  # type: ignore[no-untyped-call]
        candidate = Path(target).absolute().parent / Path(creds.path).name if target else None
        if candidate is None or not candidate.exists():
            raise ConfigError(f"no {creds.path} beside dbt's target folder: pass --target-path <run folder>/target")
        creds.path = str(candidate)
