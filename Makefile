# Each target sets up all it needs on a machine with Python 3.11 or later, make and a C compiler, and nothing else.
# Set-up speaks on stderr only, so that `make demo ARGS="--once --json"` prints one JSON object on stdout.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
ARGS ?=
# Test processes: as many as there are cores, but no more than four; each has a database of its own.
WORKERS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1); [ $$n -gt 4 ] && echo 4 || echo $$n)

.PHONY: help setup demo test test-deep lint format bench lock clean

help:
	@echo "make demo       a company, a Xero of its own and the console, on this machine (ARGS=\"--once --json\")"
	@echo "make test       every test (ARGS=\"tests/core -k void\" for some)"
	@echo "make test-deep  the slow sweeps too"
	@echo "make lint       style, types, and which package may import which"
	@echo "make bench      the benchmarks"
	@echo "make lock       pin the newest fitting versions of every dependency anew"

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@set -e; exec >&2; \
	if ! $(BIN)/python -c '' 2>/dev/null; then \
		for python in python3 python3.14 python3.13 python3.12 python3.11 none; do \
			if $$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then break; fi; \
		done; \
		if [ $$python = none ]; then \
			echo "Tieout needs Python 3.11 or later with its venv module, and this machine has none on its PATH."; \
			echo "On Debian or Ubuntu: apt install python3 python3-venv"; \
			exit 1; \
		fi; \
		echo "Making $(VENV) with $$($$python --version)"; \
		$$python -m venv --clear $(VENV); \
	fi; \
	echo "Installing what requirements.lock names (about a minute the first time)"; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r requirements.lock; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --no-deps --no-build-isolation --editable .; \
	touch $(READY)

demo: $(READY)
	@TIEOUT_DATA_DIR="$${TIEOUT_DATA_DIR:-.data}" $(BIN)/tieout demo $(ARGS)

test: $(READY)
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal -m "not deep" $(ARGS)

test-deep: $(READY)
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal $(ARGS)

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(READY)
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(READY)
	@$(BIN)/python -m benchmarks $(ARGS)

lock: $(READY)
	@command -v uv >/dev/null || $(BIN)/uv --version >/dev/null 2>&1 || $(BIN)/python -m pip install --quiet uv >&2
	@PATH="$$PATH:$(BIN)" uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --no-emit-index-url --group dev --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build
