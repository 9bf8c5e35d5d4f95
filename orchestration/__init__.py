"""boardhouse: Korean news boards as checked, published tables.

Data flows one way, a package a step:

    fetch -> landing -> parse (+ money) -> build (dbt) -> gates -> publish

`defs` wraps the steps for Dagster and `cli` for the terminal; neither decides anything. No re-exports here: importing this
package must cost nothing.
"""
