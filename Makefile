# Every command a developer types. `make run` and `make test` set up all they need, and nothing twice.

VENV := .venv
BIN := $(VENV)/bin
UV := $(shell uv --version >/dev/null 2>&1 && echo uv || echo $(BIN)/uv)
INSTALL := $(UV) pip install --quiet --python $(BIN)/python --compile-bytecode
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock" $(UPGRADE)
CHARGES ?= 1000000
PROCESSES ?= 2
MONTHS ?= 36
TIMES ?= 20
SEED ?= $(shell od -An -N3 -tu4 /dev/urandom | tr -d ' ')

# Trust whom this machine trusts, as pip does: a company's own certificate authority, say.
ifneq ($(wildcard /etc/ssl/certs/*.crt /etc/ssl/certs/*.pem /etc/ssl/cert.pem),)
export UV_SYSTEM_CERTS ?= 1
export UV_NATIVE_TLS ?= 1
endif

.DEFAULT_GOAL := help
.PHONY: help run test search simulate setup browser check fix bench docs migrations messages lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.run ## serve http://127.0.0.1:8000; the first time with a demo bureau and its month (ARGS="--port 9000")
	@exec $(BIN)/counterfoil up --demo $(ARGS)

test: setup browser ## run every test (ARGS="-k money" for some)
	@$(BIN)/pytest --numprocesses $(PROCESSES) --dist loadfile --no-loadscope-reorder $(ARGS)

search: setup ## draw random cases for the rules that `make test` does not, again and again (TIMES=20)
	@for time in $$(seq $(TIMES)); do \
		$(BIN)/pytest --quiet --numprocesses $(PROCESSES) --hypothesis-profile searching tests/core tests/engine || exit 1; \
	done

simulate: setup ## let a company live for years, everything happening to it (SEED=7 MONTHS=36)
	$(BIN)/pytest --quiet -s tests/simulation --seed $(SEED) --months $(MONTHS)

setup: $(VENV)/.dev ## install everything a developer needs into .venv

browser: ## find a Chromium for the browser tests, or install Debian's when root
	@sh .ci/browser

check: setup ## look for faults without running the program: style, types, imports, templates, migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet src/counterfoil/web
	$(BIN)/counterfoil django makemigrations --check --dry-run
	$(BIN)/pytest --quiet tests/architecture

fix: setup ## put right what a program can put right
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup ## measure a billing run against plain COPY (CHARGES=1000000)
	$(BIN)/python benchmarks/billing_run.py --charges $(CHARGES) --json

docs: setup ## look for links that lead nowhere, and for commands and settings that nobody described
	$(BIN)/pytest --quiet tests/architecture/test_documents.py

migrations: setup ## write the migrations that changed models need
	$(BIN)/counterfoil django makemigrations

messages: setup ## put the texts that pages show into the catalogues of their translations
	$(BIN)/python -m counterfoil.web.translating

lock: $(VENV)/.made ## resolve pyproject.toml again (UPGRADE=--upgrade takes newer versions)
	$(LOCK) --output-file requirements/run.txt pyproject.toml
	$(LOCK) --output-file requirements/build.txt requirements/build.in
	$(LOCK) --output-file requirements/uv.txt requirements/uv.in
	$(LOCK) --extra dev --constraint requirements/run.txt --constraint requirements/build.txt \
		--output-file requirements/dev.txt pyproject.toml

clean: ## remove what was installed and cached; var/, with your data, stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# Without uv on the PATH it is installed into .venv by pip.
$(VENV)/.made: requirements/uv.txt
	@echo "Making $(VENV)" >&2
	@if [ "$(UV)" = uv ]; then uv venv --quiet --allow-existing --python '>=3.11' $(VENV); \
	elif python3 -m venv $(VENV); then \
		$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements/uv.txt; \
	else echo "Install uv, or Debian's package python3-venv, then run make again." >&2; exit 1; fi
	@touch $@

$(VENV)/.run: $(VENV)/.made requirements/run.txt requirements/build.txt pyproject.toml
	@echo "Installing what Counterfoil runs on" >&2
	@$(INSTALL) --require-hashes --requirement requirements/run.txt --requirement requirements/build.txt
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	@echo "Installing what its developers use" >&2
	@$(INSTALL) --require-hashes --requirement requirements/dev.txt
	@touch $@
