"""Probe: what would be read at an address that is no board of ours yet.

Here: a few polite requests, what they show, a guess where it is no board, and the entry for `boards.yaml`. Not here: reading a
page (`parse`), politeness and strategies (`fetch`). Nothing is landed. Entry points: `look.look`, `show`, `entry.add_board`.
"""
