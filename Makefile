# Setoff on a fresh machine: `make run`. Everything is installed into .venv from the lock files.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input

.PHONY: run test check bench load docs demo dev lock clean screens

run: $(VENV)/run.stamp          ## load demo data into an empty database, print the settlements, open the application (PORT=8000)
	$(BIN)/setoff demo
	$(BIN)/setoff serve --port $(PORT)

demo: run

test: $(VENV)/dev.stamp         ## every test
	$(BIN)/python -m pytest $(ARGS)

check: $(VENV)/dev.stamp        ## style, types, direction of imports, migrations, tidiness
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 0 tests/test_repository.py

bench: $(VENV)/dev.stamp        ## measure against the floors (SIZES="10000 100000")
	$(BIN)/python bench/run.py $(SIZES)
	$(BIN)/python bench/clearing.py $(SIZES)

load: $(VENV)/dev.stamp         ## fifty people at once for two minutes over HTTP: no error, checks clean, latencies
	$(BIN)/python bench/load.py $(ARGS)

docs: $(VENV)/dev.stamp         ## write the generated pages of docs/reference again
	$(BIN)/python docs/generate.py

screens: $(VENV)/dev.stamp      ## take the pictures of the documentation again (needs Chromium)
	$(BIN)/python docs/screens.py

dev: $(VENV)/dev.stamp          ## a virtual environment with everything to develop
	@echo "source $(BIN)/activate"

lock: $(VENV)/dev.stamp         ## newest versions that fit pyproject.toml, into the lock files
	$(PIP) pip-tools
	$(BIN)/pip-compile -q -U --strip-extras --no-header --no-annotate --no-emit-index-url --no-emit-trusted-host --no-emit-find-links -o requirements.lock pyproject.toml
	$(BIN)/pip-compile -q -U --strip-extras --no-header --no-annotate --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/run.stamp: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Setoff needs Python 3.11 or newer; try: make PYTHON=python3.12 run" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) -r requirements.lock
	$(PIP) --no-deps -e .
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock $(VENV)/run.stamp
	$(PIP) -r requirements-dev.lock
	@touch $@
