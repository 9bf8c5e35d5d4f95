"""`python -m orchestration.money`: what `boardhouse money` does, without loading the rest of the project."""

import os
import sys

from orchestration.money.stream import main_loop

if __name__ == "__main__":
    try:
        main_loop(sys.stdin, sys.stdout)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of our output went away, which is its right
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
