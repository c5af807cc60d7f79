# Everything a person or a machine does with this repository, one word each.
# `make demo` is the one to start with.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
# One installer at a time, and the stamp before what needs it.
.NOTPARALLEL:

# The first Python here that really is 3.11 or 3.12; name another with `make demo PYTHON=…`.
IS_RIGHT := import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))
PYTHON ?= $(shell for python in python3.12 python3.11 python3; do \
	$$python -c '$(IS_RIGHT)' 2>/dev/null && echo $$python && break; done)
DEMO_SEED ?= 1
BENCH_ARGS ?=
RACE_TRIALS ?= 10000
FEED_WRITES ?= 10000
TWO_WORLDS ?= 500
HOSTILE_FILES ?= 500
YEAR ?= $(shell date +%Y)
FUZZ_REQUESTS ?= 50000
REPLAYS ?= 100000

BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
HOUSE := casemgr families cases searches
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/django.po))
LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header

.PHONY: help yearly-report demo demo-check demo-reset test check bench bench-matching erase-proof grid mutate-access replays races two-worlds hostile-files web-audit api-fuzz messages lock clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | expand -t 16

demo: .venv/base.txt $(CATALOGUES) ## Set up, invent a population, search it, then serve it
	$(MANAGE) demo --seed $(DEMO_SEED)

demo-check: .venv/base.txt $(CATALOGUES) ## The same, but end by itself; fails if the figures fall short
	$(MANAGE) demo --check --seed $(DEMO_SEED)

yearly-report: .venv/base.txt $(CATALOGUES) ## The public report on YEAR in both languages, into var/reports
	$(MANAGE) yearly_report $(YEAR) --language en --output var/reports
	$(MANAGE) yearly_report $(YEAR) --language zh-hans --output var/reports

demo-reset: .venv/base.txt ## Throw the demo's people and photos away
	$(MANAGE) demo --reset

test: .venv/dev.txt $(CATALOGUES) ## Run the tests on real, embedded services
	$(BIN)/pytest -n auto

check: .venv/dev.txt ## Style, types, templates, layers, migrations, catalogues
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy manage.py $(HOUSE) tests bench examples
	$(BIN)/djlint templates --quiet --check --lint
	$(BIN)/lint-imports
	$(MANAGE) makemigrations --check --dry-run
	$(MANAGE) check --fail-level WARNING
	$(MANAGE) catalogues check

bench: .venv/base.txt $(CATALOGUES) ## Measure; BENCH_ARGS=--small for a quick look
	set -e; for file in bench/bench_*.py; do $(BIN)/python $$file $(BENCH_ARGS); done

bench-matching: .venv/base.txt .venv/bench.txt $(CATALOGUES) ## Measure matching against rivals and the truth
	set -e; for file in bench/matching/bench_*.py; do $(BIN)/python $$file $(BENCH_ARGS); done

erase-proof: .venv/dev.txt ## Erase a hundred planted people while killing the eraser; find nothing
	$(BIN)/pytest -s -n 0 tests/security/erase_hundred.py

grid: .venv/dev.txt $(CATALOGUES) ## Hold every cell of the permission matrix against real requests
	$(BIN)/pytest -s -n 0 tests/security/whole_grid.py

mutate-access: .venv/dev.txt $(CATALOGUES) ## Break the access table in sixty ways; each is noticed
	$(BIN)/pytest -s -n 0 tests/security/mutate_access.py

replays: .venv/dev.txt $(CATALOGUES) ## Try 100,000 ids of others at every address; takes an hour
	REPLAYS=$(REPLAYS) $(BIN)/pytest -s -n 0 tests/security/test_replays.py -k answered

races: .venv/dev.txt $(CATALOGUES) ## Tap twice at the same moment, ten thousand times with fifty fingers; takes hours
	RACE_TRIALS=$(RACE_TRIALS) $(BIN)/pytest -n 0 tests/security/test_stories_t03_t04_t15_t16.py \
		-k "taps or pocket"
	RACE_TRIALS=$(RACE_TRIALS) FEED_WRITES=$(FEED_WRITES) $(BIN)/pytest -n 0 tests/partners \
		-k "fifty_threads or beside_writers"

two-worlds: .venv/dev.txt $(CATALOGUES) ## Compare what outsiders are told in 500 pairs of worlds; takes an hour
	TWO_WORLDS=$(TWO_WORLDS) $(BIN)/pytest -s -n 0 tests/security/test_two_worlds_pairs.py \
		-k depends_on_the_secret

hostile-files: .venv/dev.txt ## Send 500 hostile files through the door, the decoder and every page
	HOSTILE_FILES=$(HOSTILE_FILES) $(BIN)/pytest -s -n 0 tests/security/test_hostile_files.py

web-audit: .venv/dev.txt $(CATALOGUES) ## axe on every page, Lighthouse on the main ones; writes docs/web-audit.md
	$(BIN)/pytest -s -n 0 tests/browser/whole_audit.py

api-fuzz: .venv/dev.txt .venv/fuzz.txt $(CATALOGUES) ## Hold 50,000 generated requests against the API's schema
	$(BIN)/python bench/fuzz_api.py --requests $(FUZZ_REQUESTS)

messages: .venv/base.txt ## Gather visible strings into locale/
	$(MANAGE) catalogues extract

lock: .venv/dev.txt ## Work out requirements/*.txt anew from pyproject.toml
	$(LOCK) --output-file requirements/base.txt
	$(LOCK) --constraints requirements/base.txt --extra production \
		--output-file requirements/production.txt
	$(LOCK) --constraints requirements/base.txt --constraints requirements/production.txt --extra dev \
		--output-file requirements/dev.txt
	$(LOCK) --constraints requirements/base.txt --extra bench \
		--output-file requirements/bench.txt
	$(LOCK) --constraints requirements/dev.txt --extra fuzz \
		--output-file requirements/fuzz.txt

clean: ## Stop the embedded services, then remove .venv, var and what tools left
	if [ -d var ] && [ -x $(BIN)/python ]; then $(MANAGE) embedded stop; fi
	rm -rf .venv var staticfiles .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -rf .import_linter_cache $(CATALOGUES)

# --- what the commands above stand on ---------------------------------------------------------

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Homeward needs Python 3.11 or 3.12. Install one of them, or" \
		"name it: make demo PYTHON=/path/to/python3.12" >&2; exit 1; }
	@$(PYTHON) -c '$(IS_RIGHT)' || { echo "$(PYTHON) is not Python 3.11 or 3.12." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { echo "$(PYTHON) can't make virtual environments." \
		"On Debian and Ubuntu, install the package python3-venv." >&2; exit 1; }
	$(PYTHON) -m venv .venv

# Each stamp is a copy of the list that was installed, so a changed list is installed again.
.venv/base.txt .venv/dev.txt .venv/bench.txt .venv/fuzz.txt: .venv/%.txt: requirements/%.txt | .venv/bin/python
	@echo "Installing $< (the first time takes a few minutes)"
	$(INSTALL) -r $<
	cp $< $@

%.mo: %.po | .venv/bin/python
	$(MANAGE) catalogues compile
