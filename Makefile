# Every target sets up what it needs. Start with `make help`.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PY := .venv/bin/python

.PHONY: help venv deb root lint check test differential demo bench sim sim-long fix docs clean

help: ## Show this list
	@grep -hE '^[a-z%-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z%-]+):.*## /\1\t/; s/%/NAME/' | expand -t 14

venv: .venv/.installed ## Make .venv (Python >= 3.11) with vrrpd and its development tools in it

.venv/.installed: pyproject.toml .ci/venv
	@.ci/venv

deb: ## Install the Debian packages of the real parts (keepalived, frr, haproxy, ...), none of them started
	@.ci/deb

root:
	@test "$$(id -u)" = 0 || { echo "make $(MAKECMDGOALS): needs root to make network namespaces; run it as root" >&2; exit 1; }

lint: venv ## Check format, lint, types, import contracts and tidiness, in seconds
	$(PY) -m ruff format --check --quiet .
	$(PY) -m ruff check --quiet .
	$(PY) -m mypy
	.venv/bin/lint-imports --no-logo
	$(PY) -m pytest -q tests/test_tidy.py

check: lint ## Run lint and the fast tests, before every commit; needs no root
	@.ci/deb openssl systemd
	$(PY) -m pytest -q -m "not kernel and not root and not slow"

test: root venv deb ## Run every test, real kernel, peers and services included; needs root
	$(PY) -m pytest -q -n 5 --dist loadgroup # most of them wait for a timer of VRRP, so more than there are processors

differential: root venv deb ## Play the same files and events to keepalived and vrrpd, and compare, a quarter of an hour; needs root
	$(PY) -m tests.differential

demo: root venv deb ## Watch two proxy hosts pass a virtual IP to each other, in a minute and a half; needs root
	$(PY) -m tests.lab.demo

bench: root venv deb ## Measure the quick ones of docs/benchmarks.md beside keepalived, half an hour; needs root
	$(PY) -m bench.takeover
	$(PY) -m bench.addresses --repeats 10
	$(PY) -m bench.demotion --repeats 3
	$(PY) -m bench.haproxy_death --repeats 5
	$(PY) -m bench.failover --quick
	$(PY) -m bench.loop --seconds 30
	$(PY) -m bench.scale --counts 1,255 --seconds 5
	$(PY) -m bench.subsecond --seconds 12 --kills 3

ARGS ?=
NAMES := $(sort $(filter-out __init__,$(basename $(notdir $(shell grep -l '^def main' bench/*.py)))))

bench-%: root venv deb ## Measure one of docs/benchmarks.md, as in: make bench-quiet ARGS="--minutes 1"; needs root
	@[[ " $(NAMES) " == *" $(subst -,_,$*) "* ]] || { echo "make $@: there are $(subst _,-,$(addprefix bench-,$(NAMES)))" >&2; exit 1; }
	$(PY) -m bench.$(subst -,_,$*) $(ARGS)

SEEDS ?= 1000
FIRST ?= 0

sim: venv ## Play virtual routers through faults on all processors: SEEDS=N FIRST=N, see docs/simulator.md
	$(PY) -m vrrpd.sim --seeds $(SEEDS) --first $(FIRST)

sim-long: venv ## As sim, but compiled first: two minutes, then more than twice as fast
	@.ci/deb gcc libc6-dev python3-dev
	$(PY) -m tests.compiled --seeds $(SEEDS) --first $(FIRST)

fix: venv ## Repair what a tool can repair: format and lint
	$(PY) -m ruff check --quiet --fix .
	$(PY) -m ruff format --quiet .

docs: venv ## Write what is generated from the source: config/vrrpd.toml, docs/keywords.md, the table of README.md, ...
	$(PY) -m vrrpd.config.reference
	$(PY) -m tests.rehearsal.page

clean: ## Remove .venv and everything else that is made
	rm -rf .venv build dist htmlcov .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find vrrpd tests bench -name __pycache__ -prune -exec rm -rf {} +
