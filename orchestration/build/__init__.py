"""Scope and landing → a candidate database. See docs/model.md.

Re-exports only what starts nothing: dbt is imported when it runs.
"""

from orchestration.build.candidate import Candidate, base_version, prepare_candidate
from orchestration.build.run import DBT_PROJECT, MANIFEST, BuildError, DbtResult, build, dbt_arguments, run_dbt

__all__ = [
    "DBT_PROJECT",
    "MANIFEST",
    "BuildError",
    "Candidate",
    "DbtResult",
    "base_version",
    "build",
    "dbt_arguments",
    "prepare_candidate",
    "run_dbt",
]
