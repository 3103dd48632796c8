# Needs Python 3.11 or later with venv and pip; everything else is set up in .venv, once, from uv.lock.
PYTHON ?= $(shell for python in python3 python3.11; do $$python -c 'import tomllib' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
READY := .venv/.ready
CROWD ?= 3
SHARED := --numprocesses=$(CROWD) --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help demo test check lint fmt fuzz bench bench-queues bench-search openapi migration setup

help: ## List the commands
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

demo: setup ## Serve the demo on port 8000, set up from nothing; Ctrl-C ends it
	@$(BIN)/actionbus serve --demo

test: setup ## Run the tests
	@$(BIN)/pytest $(SHARED)

check: lint ## Run all that CI runs: lint, and the tests
	$(BIN)/pytest $(SHARED)

lint: setup ## Check format, style, import contracts and types
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/lint-imports
	$(BIN)/mypy

fmt: setup ## Format the code and mend what can be mended
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

fuzz: setup ## Send the service more than 10,000 requests made from its document
	@FUZZ_CASES=10000 FUZZ_OPTIONS="--max-examples=60 --max-time=300" $(BIN)/pytest tests/fuzz -s

bench: setup ## Run the benchmarks beside their alternatives
	@$(BIN)/python -m benchmarks

bench-queues: setup ## Measure work in the background beside PgQueuer, Procrastinate and Celery, which it installs
	@$(BIN)/uv sync --frozen --quiet --group bench
	@$(BIN)/python -m benchmarks.queues

bench-search: setup ## Measure search among a million assets in PostgreSQL beside reading one of them
	@$(BIN)/python -m benchmarks.search

openapi: setup ## Write openapi.json from the actions
	@$(BIN)/actionbus openapi > openapi.json.new && mv openapi.json.new openapi.json

migration: setup ## Write a migration from the tables: make migration name="add tags"
	$(if $(name),,$(error Say what it does: make migration name="add tags"))
	@$(BIN)/actionbus migrate
	@$(BIN)/alembic revision --autogenerate --message "$(name)" \
		--rev-id "$$(printf '%04d' "$$(($$(ls alembic/versions/*.py | wc -l) + 1))")"
	@$(BIN)/ruff check --quiet --fix alembic/versions
	@$(BIN)/ruff format --quiet alembic/versions

setup: $(READY)

$(READY): pyproject.toml uv.lock
	$(if $(PYTHON),,$(error Python 3.11 or later is needed, as python3 or by PYTHON=...))
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		"uv==$$(sed -n '/^name = "uv"$$/{n;s/version = "\(.*\)"/\1/p;}' uv.lock)"
	$(BIN)/uv sync --frozen --quiet
	@touch $@
