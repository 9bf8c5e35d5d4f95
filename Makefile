# One verb per task, the same here and in CI. `make demo` and `make test` each install what they need.
SHELL := bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# The first interpreter that fits; override with `make PYTHON=python3.12 …`.
PYTHON ?= $(firstword $(foreach p,python3 python3.13 python3.12 python3.11,$(shell $(p) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $(p))))
UV := 0.13.9
BIN := .venv/bin
LOCK_FLAGS := --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 -q
DBT_SOURCES := $(shell find dbt_project -type f \( -name '*.sql' -o -name '*.yml' -o -name '*.csv' \) -not -path '*/target/*')

.PHONY: help install demo test dev docs screenshots lint format bench gates crash lock clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 10

install: .venv/installed dbt_project/target/manifest.json ## the virtual environment and the dbt manifest; the other verbs call it

# Hashes are required and the lock names no registry. Bytecode is compiled once here: where PYTHONDONTWRITEBYTECODE is set,
# every process would compile all that it imports (7 to 10 s for Great Expectations).
.venv/installed: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "boardhouse needs Python 3.11, 3.12 or 3.13: install one, or name it: make PYTHON=/path/to/python" >&2; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check uv==$(UV)
	$(BIN)/uv pip sync -q --python $(BIN)/python --require-hashes --compile-bytecode requirements.lock
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	touch $@

dbt_project/target/manifest.json: .venv/installed $(DBT_SOURCES)
	$(BIN)/python -m orchestration.build.manifest

demo: install ## publish all 60 days of the bundled board and print what was published
	$(BIN)/boardhouse demo

# A file's tests stay in one process, in their order: what a file prepares is made once. The long folders stand first in it.
test: install ## all fast tests
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not slow"

dev: install ## the bundled board and the Dagster UI; ends both on Ctrl-C
	$(BIN)/boardhouse dev

docs: install ## the documentation as a site, in .boardhouse/docs/site, with dbt's pages and Data Docs beside it
	$(BIN)/python -m orchestration.report.site

screenshots: install ## the pictures of README and docs, taken by the browser tests (docs/images)
	SCREENSHOTS=1 $(BIN)/pytest tests/browser

lint: install ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: install ## let ruff rewrite what it can
	$(BIN)/ruff check --fix -q .
	$(BIN)/ruff format .

# The peers stand in a lock and an environment of their own: the two commands of the README don't pay for them.
.venv-bench/installed: requirements-bench.lock pyproject.toml .venv/installed
	test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	$(BIN)/uv pip sync -q --python .venv-bench/bin/python --require-hashes --compile-bytecode requirements-bench.lock
	$(BIN)/uv pip install -q --python .venv-bench/bin/python --no-deps --no-build-isolation -e .
	touch $@

bench: install .venv-bench/installed ## speed and memory as ratios, beside peers; ONLY=name for one
	.venv-bench/bin/python tests/bench $(ONLY)

gates: install ## every corruption and the gate that catches it, and 200 clean boards (minutes); CLEAN=20 for fewer
	$(BIN)/python -m tests.matrix $(CLEAN)

crash: install ## kill and raise at every side effect, and runs at once from the UI (minutes)
	$(BIN)/pytest -n 2 tests/crash tests/integration/test_runs_at_once.py -m "slow or not slow"

lock: ## make the two lock files anew from pyproject.toml
	$(BIN)/uv pip compile $(LOCK_FLAGS) --extra dev pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile $(LOCK_FLAGS) --extra dev --extra bench pyproject.toml -o requirements-bench.lock

clean: ## what can be made again (not .boardhouse, which holds your data)
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis dbt_project/target dbt_project/logs
