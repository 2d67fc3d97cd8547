# Two commands matter: `make demo` and `make test`. Everything they need they install into .venv (and, as root on Debian,
# the programs that the tests drive, by apt).

SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
export RINGTRACE_DATA ?= $(CURDIR)/.cache/ringtrace-data

.PHONY: demo serve test lint bench install install-dev parts snippet clean

demo: install  ## Ringtrace with a simulated town; prints a link that works once
	@env -u RINGTRACE_DATA $(BIN)/ringtrace demo $(ARGS)

serve: install
	@env -u RINGTRACE_DATA $(BIN)/ringtrace serve $(ARGS)

test: install-dev parts  ## all tests; ARGS= passes options to pytest
	$(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

lint: install-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: install-dev parts  ## benchmarks; ONLY=edge runs one
	$(BIN)/python -m benchmarks $(ONLY)

install: $(BIN)/.installed
install-dev: $(BIN)/.installed-dev

$(BIN)/uv:
	@PYTHON=$(PYTHON) tools/venv $(VENV)

$(BIN)/.installed: pyproject.toml | $(BIN)/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --editable .
	@touch $@

$(BIN)/.installed-dev: pyproject.toml | $(BIN)/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --editable . --group dev
	@touch $@ $(BIN)/.installed

parts:  ## what the tests drive: Chromium, Kamailio, SIPp, wrk
	@tools/parts

snippet:  ## builds the snippet from its TypeScript (needs Node; users do not)
	cd snippet && npm ci && npm run build && npm test

clean:
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
