# Two commands do all on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PAGE ?= mindseye-demo.html

.PHONY: help setup system demo test test-all lint bench clean

help:  ## Show what can be made.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/.installed system  ## Create .venv, install Mindseye with pinned versions, fit the pocket space once.
	@$(BIN)/mindseye space fit

# A second run finds .venv as it was; it is installed again when what it is made from changes.
$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Mindseye needs Python 3.11 or newer; set PYTHON=/path/to/it" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV) 2>/dev/null || { $(PYTHON) -m venv --clear --without-pip $(VENV) \
		&& $(PYTHON) -m pip --python $(BIN)/python install --quiet pip; }  # Debian's python3.11 may lack ensurepip
	$(BIN)/python -m pip install --quiet --upgrade --constraint constraints.txt pip setuptools
	$(BIN)/python -m pip install --quiet --no-build-isolation --constraint constraints.txt --editable '.[dev]'
	@touch $@

# WordNet's noun hierarchy serves the evaluation only (`no-match`, `calibrate`, which words ImageNet lacks), Chromium the
# tests of the page.
system:
	@test -e /usr/share/wordnet/data.noun -a -x /usr/bin/chromium || sh scripts/install-system-packages

demo: setup  ## Index real photographs, search and imagine, and write one page.
	@$(BIN)/mindseye demo --output $(PAGE)

test: setup lint  ## Run the everyday tests, network cut.
	$(BIN)/python -m pytest -m "not slow"

test-all: setup lint  ## Run every test, the long ones and the figures of the README too.
	$(BIN)/python -m pytest

lint: $(VENV)/.installed  ## Check style and types.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	MYPYPATH=.typing $(BIN)/mypy -p mindseye.engine -p mindseye.indexer -p mindseye.api

bench: setup  ## Measure speeds as ratios in one run, the peak memory of indexing, a library of 100,000 pictures, a service, labelling.
	@$(BIN)/python benchmarks/speed.py
	@$(BIN)/python benchmarks/memory.py
	@$(BIN)/python benchmarks/large.py
	@$(BIN)/python benchmarks/service.py
	@$(BIN)/python benchmarks/gis.py

clean:  ## Remove what was built, the environment too.
	rm -rf $(VENV) build dist *.egg-info mindseye-demo.html
