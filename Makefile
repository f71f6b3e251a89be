# Two commands on a fresh machine: `make demo` and `make test`. Both set up what they need.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
BENCH_VENV := .venv-bench
HEXDAG_VENV := .venv-hexdag
HEXDAG_PYTHON ?= python3.12
EDITOR_STAMP := tests/editors/node_modules/.installed

.DEFAULT_GOAL := help
.PHONY: help demo test prove check docs bench clean

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 16

demo: $(STAMP) ## answer questions about this project's own docs with the embedded model; no key needed
	@AGENTFLOW_MODEL=embedded $(BIN)/agentflow run workflows/docs-qa.yaml --no-input

test: $(STAMP) ## the everyday tests
	@$(BIN)/python -m pytest

prove: $(STAMP) $(EDITOR_STAMP) ## the slow proofs: kills at random moments, wide fan-outs, fresh installs, editors
	@$(BIN)/python -m pytest -m slow

check: $(STAMP) ## formatting, lint, types, layers
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

docs: $(STAMP) ## write docs/reference/ from what the program knows
	@$(BIN)/python docs/generate.py

bench: $(BENCH_VENV)/.installed $(HEXDAG_VENV)/.installed ## what things cost beside others, as ratios
	@$(BENCH_VENV)/bin/python -m compileall -q agentflow_cli  # measured as it is installed: compiled
	@$(BENCH_VENV)/bin/python bench/startup.py
	@$(BENCH_VENV)/bin/python bench/steps.py
	@$(BENCH_VENV)/bin/python bench/validate.py

clean: ## remove what the other targets made
	rm -rf $(VENV) $(BENCH_VENV) $(HEXDAG_VENV) tests/editors/node_modules build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

# The lock decides what is installed; the stamp is made last, so that a broken install starts over.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "agentflow needs Python 3.11 or newer; name one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	@echo "setting up $(VENV) (once; about a minute)" >&2
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q agentflow_cli  # a start must not compile, even where Python may not write bytecode
	@touch $@

$(BENCH_VENV)/.installed: bench/requirements.lock pyproject.toml
	@$(PYTHON) -m venv --clear $(BENCH_VENV)
	@$(BENCH_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r bench/requirements.lock
	@$(BENCH_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# hexdag runs on nothing older than 3.12, so it has a Python of its own; without it the bench says so.
$(HEXDAG_VENV)/.installed: bench/hexdag.lock
	@{ $(HEXDAG_PYTHON) -m venv --clear $(HEXDAG_VENV) && $(HEXDAG_VENV)/bin/python -m pip install --quiet \
	  --disable-pip-version-check --only-binary :all: --require-hashes -r bench/hexdag.lock && touch $@; } || \
	  { echo "hexdag needs Python 3.12 (make HEXDAG_PYTHON=…): left out" >&2; rm -rf $(HEXDAG_VENV); }

# The language server that editors use; without npm its proofs are left out, and say so.
$(EDITOR_STAMP): tests/editors/package-lock.json
	@{ cd tests/editors && npm ci --silent && touch node_modules/.installed; } || echo "no language server: left out" >&2
