# Two commands do all the set-up: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2

.PHONY: demo test check lab clean

demo: $(VENV)/.local
	$(BIN)/qaeval demo

test: $(VENV)/.dev
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

lab: $(VENV)/.dev
	$(BIN)/jupyter lab notebooks

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.local: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[local]"
	touch $@

$(VENV)/.dev: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[local,dev]"
	touch $@ $(VENV)/.local

clean:
	rm -rf $(VENV) results/demo

.PHONY: speed
speed: $(VENV)/.dev
	for script in benchmarks/performance/*.py; do $(BIN)/python $$script || exit 1; done
