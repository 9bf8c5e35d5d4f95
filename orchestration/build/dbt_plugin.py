"""The dbt-duckdb plugin that opens the run's own candidate.

Here: the one hook that swaps the profile's constant path for the candidate's. Not here: starting dbt (`run`). dbt hashes the
profile's connection and parses every file anew when it changes; with a path per run in the profile no parse would be reused.
"""

import os
from typing import Any

from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin

from orchestration.errors import ConfigError

CANDIDATE_VARIABLE = "BOARDHOUSE_CANDIDATE"


class Plugin(BasePlugin):
    """dbt-duckdb looks for this name."""

    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        """Called before the connection opens. Raises ConfigError where no candidate is named."""
        path = os.environ.get(CANDIDATE_VARIABLE)
        if not path:
            raise ConfigError(f"{CANDIDATE_VARIABLE} is not set: it names the candidate.duckdb that dbt builds in")
        creds.path = path
