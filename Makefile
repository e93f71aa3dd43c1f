# Every target sets up what it needs. PYTHON chooses the interpreter: make test PYTHON=python3.12

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
KERNEL := $(wildcard msgcore/kernel/*.pyx msgcore/kernel/*.pxd msgcore/kernel/*.pyi msgcore/kernel/*.h) \
          $(wildcard msgcore/tables/*.py msgcore/tables/sources/*)

.PHONY: demo test lint types tests benchmarks-once bench test-peers soak test-all clean help

help:           ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 18

# --- set-up: an editable install each for those who run msgcore and those who work on it ---------------------------

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(KERNEL) pyproject.toml setup.py | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[all]'
	@touch $@

$(VENV)/.dev: $(KERNEL) pyproject.toml setup.py | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/.demo

# --- what to run ----------------------------------------------------------------------------------------------------

demo: $(VENV)/.demo  ## send the example campaign over the embedded simulator, and write a page to look at
	$(BIN)/msgcore send examples/campaign.csv --transport simulator --report examples/campaign.report.html

test: lint types tests benchmarks-once  ## everything that judges a change: format, lint, types, tests, benchmarks once

lint: $(VENV)/.dev  ## ruff and cython-lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	PATH="$(CURDIR)/$(BIN):$$PATH" cython-lint msgcore/kernel  # it calls pycodestyle by name

types: $(VENV)/.dev  ## mypy, strict
	$(BIN)/mypy

tests: $(VENV)/.dev  ## pytest with branch coverage; doctests of README, docstrings and compiled modules included
	$(BIN)/pytest --numprocesses=auto --dist=worksteal --cov --cov-report=term --benchmark-skip --ignore=tests/kernel/test_leaks.py
	$(BIN)/pytest --quiet tests/kernel/test_leaks.py  # a million calls each, which coverage would slow down

benchmarks-once: $(VENV)/.dev  ## each benchmark once, untimed, so that none can rot
	$(BIN)/pytest benchmarks --benchmark-disable --quiet

bench: $(VENV)/.dev  ## the benchmarks, timed, with their targets; installs the rivals
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev,bench]'
	$(BIN)/pytest benchmarks --benchmark-only --benchmark-columns=median,iqr,ops --benchmark-group-by=group --benchmark-sort=mean
	$(BIN)/python -m benchmarks.targets

test-peers: $(VENV)/.dev  ## judged from outside: installs what it needs, skips by name what cannot be had
	$(BIN)/python -m tests.peers.run --install

soak: $(VENV)/.dev  ## break campaigns of 20,000 messages at random moments, 20 times each, in every way there is
	$(BIN)/python -m tests.soak.run

test-all: $(VENV)/.dev  ## one wheel and one virtual environment for each Python that is there, tests copied out of the tree
	$(BIN)/python tests/matrix.py

clean:          ## remove what was built
	rm -rf build dist .fuzz *.egg-info msgcore/tables/generated $(VENV) .venvs .peers
	find msgcore -name '*.so' -delete
