# Two targets a newcomer needs: `make up` runs Duban, `make test` proves it. Both install what they need into .venv.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=

.PHONY: up test quick check docs bench clean

# The plan of Ezhou is activated without a question; any other plan shows its preview and asks.
up: $(VENV)/.installed
	$(BIN)/duban up $(if $(findstring --plan,$(ARGS)),,--yes) $(ARGS)

test: check
	$(BIN)/python -m pytest -n 2 $(ARGS)

# Before every commit, in under two minutes: no server, no whole office, no simulated year, nothing marked slow.
# What is not named here is in, so a new folder of tests is fast until somebody measures it.
SLOW := stack runtime simulation promises forecast papers cli ledger
quick: check
	$(BIN)/python -m pytest -n 2 -m "not prefect and not browser and not slow" $(SLOW:%=--ignore=tests/%) $(ARGS)

check: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The reference site: open build/site/index.html.
docs: $(VENV)/.installed-docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

bench: $(VENV)/.installed-bench
	$(BIN)/python -m bench

$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps -e .
	touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements-dev.lock
	touch $@

$(VENV)/.installed-docs: requirements-docs.lock $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements-docs.lock
	touch $@

$(VENV)/.installed-bench: requirements-bench.lock $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements-bench.lock
	touch $@

# Renew the locks after a change of pyproject.toml; needs uv (pip install uv).
.PHONY: lock
lock:
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml --extra dev -c requirements.lock -o requirements-dev.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml --extra bench -c requirements.lock -o requirements-bench.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml --extra docs -c requirements-dev.lock -o requirements-docs.lock

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
