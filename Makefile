# Complaint helpdesk. `make help` lists the targets.
PYTHON ?= python3
PORT ?= 8000
PHONE_PORT ?= 8001
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help install demo test bench check fix soak migration lock translations screenshots clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# A stamp per locked file: an unchanged one costs nothing at the next run.
$(VENV)/.venv: 
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: requirements.txt pyproject.toml $(VENV)/.venv
	@echo "Installing the locked packages (the first time takes a minute or two) …"
	$(PIP) --require-hashes -r requirements.txt
	$(PIP) --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q helpdesk migrations
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	@echo "Installing the locked development packages …"
	$(PIP) --require-hashes -r requirements-dev.txt
	@touch $@

TRANSLATIONS := $(wildcard helpdesk/translations/*/LC_MESSAGES/*.po)
$(VENV)/.translations: $(TRANSLATIONS) $(VENV)/.run
	@if [ -n "$(TRANSLATIONS)" ]; then $(BIN)/pybabel --quiet compile --directory helpdesk/translations --use-fuzzy; fi
	@touch $@

install: $(VENV)/.run $(VENV)/.translations ## the virtual environment with the console script, for a real installation

demo: $(VENV)/.run $(VENV)/.translations ## run everything with a sample world on SQLite; RESET=1 starts over
	@PORT=$(PORT) PHONE_PORT=$(PHONE_PORT) RESET=$(RESET) exec $(BIN)/python -m helpdesk.demo

test: $(VENV)/.dev $(VENV)/.translations ## the whole suite: SQLite, PostgreSQL, Chromium
	$(BIN)/python -m pytest -n auto --dist loadgroup

bench: $(VENV)/.dev $(VENV)/.translations ## the benchmarks, as tables and as JSON in benchmarks/results/; BENCH=--skip-growth leaves the million out, --only-pages measures the public pages
	$(BIN)/python -m benchmarks $(BENCH)

check: $(VENV)/.dev $(VENV)/.translations ## formatter, linter, types, import rules, migrations, then the tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_architecture.py tests/test_migrations.py tests/test_routes.py tests/test_docs.py
	$(MAKE) test

fix: $(VENV)/.dev ## format, and mend what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

soak: $(VENV)/.dev $(VENV)/.translations ## kill runs, races and the simulated year at full size
	HELPDESK_SOAK=1 $(BIN)/python -m pytest -n auto --dist loadgroup -m "process or postgres"

migration: $(VENV)/.dev ## write a new migration from the models: NAME="add what"
	$(BIN)/python -m scripts.new_migration "$(NAME)"

translations: $(VENV)/.dev ## collect the texts of screens into the English catalogue
	$(BIN)/pybabel --quiet extract -F babel.cfg -k lazy_gettext -k lazy_ngettext:1,2 -k lazy_pgettext:1c,2 --no-location --sort-output --omit-header -o helpdesk/translations/messages.pot .
	$(BIN)/pybabel --quiet update --init-missing --no-fuzzy-matching --ignore-obsolete --omit-header -i helpdesk/translations/messages.pot -d helpdesk/translations -l en

screenshots: $(VENV)/.dev $(VENV)/.translations ## every page at 360 and 1440 px into var/screenshots/, those of README.md into docs/
	$(BIN)/python -m scripts.screenshots

lock: ## pin all packages with hashes again (needs uv)
	uv pip compile --quiet --generate-hashes --no-header --no-annotate --python-version 3.11 --upgrade pyproject.toml --extra build -o requirements.txt
	uv pip compile --quiet --generate-hashes --no-header --no-annotate --python-version 3.11 --upgrade pyproject.toml --extra build --extra dev -o requirements-dev.txt

clean: ## remove the virtual environment and all local data
	rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache
