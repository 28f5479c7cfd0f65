# Two commands do all the set-up: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
DASHSCOPE1 := 1.27.8

.PHONY: demo test check lab clean

demo: $(VENV)/.local
	$(BIN)/qaeval demo

test: $(VENV)/.dev .venv-dashscope1/.$(DASHSCOPE1)
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

# The last release of the SDK before 2.0, for the contract tests.
.venv-dashscope1/.$(DASHSCOPE1):
	$(PYTHON) -m venv .venv-dashscope1
	.venv-dashscope1/bin/python -m pip install --quiet --disable-pip-version-check dashscope==$(DASHSCOPE1)
	touch $@

clean:
	rm -rf $(VENV) results/demo

.PHONY: speed
speed: $(VENV)/.dev
	for script in benchmarks/performance/*.py; do $(BIN)/python $$script || exit 1; done

.PHONY: lowest
lowest:
	$(PYTHON) -m venv .venv-lowest
	.venv-lowest/bin/python -m pip install --quiet --disable-pip-version-check -c constraints-lowest.txt \
	  . pytest pytest-timeout hypothesis jiwer espeakng-loader
	.venv-lowest/bin/python -m pytest -W default -p no:cacheprovider tests/test_tables.py tests/test_stats.py \
	  tests/test_plots.py tests/test_run.py tests/test_metrics.py tests/test_audio.py tests/test_datasets.py tests/test_cli.py
