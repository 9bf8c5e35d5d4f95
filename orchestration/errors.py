"""The errors that a user is meant to read.

Here: exceptions whose message is one line that says what is wrong and what to do. Not here: errors of one step that its own
callers handle (those live beside the step).
"""


class BoardhouseError(Exception):
    """Something the operator can act on; the command line prints it as one line and exits with `exit_status`."""

    exit_status = 1


class ConfigError(BoardhouseError):
    """Wrong usage or configuration."""

    exit_status = 2
