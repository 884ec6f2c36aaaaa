# One command each, from a bare checkout with Python 3.11 or later, make and npm. Everything is set up in .venv; a second
# run reuses it, and asks no network. Say another Python with `make demo PYTHON=python3.12`.

PYTHON ?= python3
JOBS ?= logical
BIN := .venv/bin
SETUP := $(PYTHON) tools/setup.py
ASSETS := src/lodeline/report/assets

# Each stamp says that its part of the set-up is as new as the files that define it.
INSTALLED := .venv/installed.stamp
TOOLS := .venv/tools.stamp
BUILT := .venv/assets.stamp

.DEFAULT_GOAL := help
.PHONY: help demo test check bench pictures serve assets docs clean lost
.DELETE_ON_ERROR:

help:  ## what can be asked for
	@awk 'BEGIN { FS = ":.*## " } /^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(INSTALLED) $(BUILT)  ## set up, then two books: the first shipment as the public record has it, and a made-up programme
	@$(BIN)/lodeline demo

test: $(TOOLS) $(BUILT)  ## set up, then all tests
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal

check: $(TOOLS)  ## format, lint, types, layers, and the documentation without a warning
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) --no-print-directory docs

docs: $(TOOLS)  ## the documentation, into docs/_build/html
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going -b html docs docs/_build/html

bench: $(TOOLS)  ## speed beside peers, in ratios of one run
	$(BIN)/python -m bench

pictures: $(TOOLS) $(BUILT)  ## the reports as pictures and on paper, light and dark, into build/pictures (needs Chromium)
	$(BIN)/lodeline demo
	$(BIN)/python tools/pictures.py demo/first-shipment.html
	$(BIN)/python tools/pictures.py demo/programme.html

serve: $(INSTALLED) $(BUILT)  ## the demo's books over HTTP, and their pages, on 127.0.0.1
	$(BIN)/python tools/serve.py

assets: $(BUILT)  ## what the report's page carries inline, by npm's lock file

clean:  ## all that was set up or built; books stay
	rm -rf .venv build dist docs/_build frontend/node_modules $(ASSETS) \
	    .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(INSTALLED): pyproject.toml tools/setup.py
	@$(SETUP) install
	@touch $@

$(TOOLS): pyproject.toml tools/setup.py | $(INSTALLED)
	@$(SETUP) install dev
	@touch $@

# What was built may have been removed since: then the stamp says nothing.
$(BUILT): $(wildcard frontend/*.json frontend/*.mjs frontend/src/*) $(if $(wildcard $(ASSETS)/report.js),,lost) | $(INSTALLED)
	@$(SETUP) assets
	@touch $@
