"""`boardhouse serve`: Dagster's own processes on this home.

Here: the environment that they need. Not here: the bundled board beside them (`demo.session`), or what they load (`definitions`).
"""

import os
import sys
from pathlib import Path
from typing import NoReturn

from orchestration.settings import Settings

WORKSPACE = Path(__file__).parents[1] / "workspace.yaml"


def replace_process(settings: Settings, command: list[str]) -> NoReturn:
    """Become one of Dagster's programs, so that a service manager's signals reach it."""
    from orchestration.defs.home import ensure_home

    ensure_home(settings)
    program = Path(sys.executable).with_name(command[0])
    environment = {**os.environ, "BOARDHOUSE_BOARDS": str(settings.boards), "BOARDHOUSE_HOME": str(settings.home)}
    os.execve(program, [*command, "-w", str(WORKSPACE)], environment)
