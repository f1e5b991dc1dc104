# The only door, for people and for CI. `make` alone prints the targets.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --quiet install --disable-pip-version-check
# Extras stay in the locks: asked for coverage[toml], an older pip takes the newest there is, which has no hash here.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --no-strip-extras $(UPGRADE)

# One more than there are cores: tests that start processes wait for them.
WORKERS = $(shell $(BIN)/python -c "import os; print((os.cpu_count() or 1) + 1)")

.DEFAULT_GOAL := help

.PHONY: help
help: ## Print the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

# What serving needs, then what working on the code needs. The stamps are remade when a lock changes.
.venv/.run: requirements/run.lock requirements/build.lock
	@echo "setting up .venv (once)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(PIP) --require-hashes -r requirements/run.lock
	@$(PIP) --require-hashes -r requirements/build.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: .venv/.run requirements/dev.lock
	@echo "setting up the test tools (once)"
	@$(PIP) --require-hashes -r requirements/dev.lock
	@touch $@

.venv/.bench: .venv/.dev requirements/bench.lock
	@echo "setting up what draws the pictures (once)"
	@$(PIP) --require-hashes -r requirements/bench.lock
	@touch $@

.PHONY: run
run: .venv/.run ## Serve on http://127.0.0.1:8000 with SQLite (settings: CHATSVC_…)
	@CHATSVC_ENV=$${CHATSVC_ENV:-development} exec $(BIN)/chatsvc serve

# The Expo client: Node.js 20.19.4 or newer. Nothing of it is asked of who only runs the service.
NPM := cd mobile && EXPO_NO_TELEMETRY=1 EXPO_OFFLINE=1 CI=1 npm --silent run

mobile/node_modules/.installed: mobile/package-lock.json mobile/package.json
	@command -v npm > /dev/null || { echo "the client needs Node.js (20.19.4 or newer) with npm" >&2; exit 1; }
	@echo "setting up mobile/node_modules (once)"
	@cd mobile && npm ci --loglevel=error --ignore-scripts --no-fund --no-audit
	@touch $@

mobile/dist/index.html: mobile/node_modules/.installed mobile/app.json mobile/metro.config.js mobile/index.ts \
		$(shell find mobile/src mobile/public mobile/scripts -type f 2> /dev/null)
	@$(NPM) web
	@touch $@

.PHONY: web
web: mobile/dist/index.html ## Build the client for the browser: `make run` then serves it at /app (needs Node.js)

.PHONY: types
types: .venv/.run mobile/node_modules/.installed ## Rewrite the client's types after a change of the API
	@$(BIN)/chatsvc openapi > mobile/openapi.json
	@$(NPM) types

.PHONY: test-mobile mobile-check mobile-unit mobile-native
test-mobile: .venv/.run web ## The client: types, lint, arrows, its tests, native bundles, browsers (needs Chromium too)
	@$(MAKE) --no-print-directory --jobs=2 --output-sync mobile-check mobile-unit mobile-native
	@$(NPM) test:e2e

mobile-check: mobile/node_modules/.installed
	@$(NPM) check

mobile-unit: mobile/node_modules/.installed
	@$(NPM) test

# That native code resolves and compiles; it is not run.
mobile-native: mobile/node_modules/.installed
	@$(NPM) native

.PHONY: pictures
pictures: .venv/.run web ## Take the pictures of docs/app anew
	@export CHATSVC_PICTURES=$(CURDIR)/docs/app; $(NPM) test:e2e -- screens

.PHONY: migrate
migrate: .venv/.run ## Bring the schema of CHATSVC_DATABASE_URL up to date
	@exec $(BIN)/chatsvc migrate

.PHONY: test
test: .venv/.dev ## Run every test on SQLite and on a Postgres that the suite starts
	@$(BIN)/python -m pytest -n $(WORKERS) --dist=worksteal $(ARGS)

.PHONY: prove
prove: .venv/.dev ## The deep run: properties, faults, soak; a table at the end (RECORD=docs/reliability.md)
	@$(BIN)/python -m pytest -n auto --dist=worksteal -m proves --deep --timeout=1500 $(if $(RECORD),--record=$(RECORD)) $(ARGS)

.PHONY: prove-the-proof
prove-the-proof: .venv/.dev ## Break the service in a copy, promise by promise, and see a test fail for each
	@$(BIN)/python -m tests.breaks $(if $(RECORD),--record $(RECORD)) $(ARGS)

.PHONY: bench
bench: .venv/.dev .venv/.bench ## Measure the service beside a floor, with wrk (ARGS="--record": docs/performance.md)
	@$(BIN)/python -m bench $(ARGS)

.PHONY: scaling
scaling: .venv/.dev ## Simulate many database nodes, for docs/scaling.md (ARGS=measure: what transactions cost, first)
	@$(BIN)/python -m bench.scaling $(ARGS)

.PHONY: format
format: .venv/.dev ## Rewrite the sources in the house's format
	@$(BIN)/ruff check --quiet --fix src tests migrations bench || true
	@$(BIN)/ruff format --quiet src tests migrations bench

.PHONY: lint
lint: .venv/.dev ## Format, lint, types, import arrows, Dockerfile
	@$(BIN)/ruff format --check src tests migrations bench
	@$(BIN)/ruff check src tests migrations bench
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/hadolint Dockerfile

.PHONY: check
check: lint ## Lint, and every test
	@$(MAKE) --no-print-directory test

# By itself: to measure each line takes as long again as the tests.
.PHONY: coverage
coverage: .venv/.dev ## Every test, measured, and the floor that the measure may not fall below
	@$(MAKE) --no-print-directory test ARGS="--cov --cov-report=term:skip-covered"

.PHONY: lock
lock: .venv/.dev ## Rewrite requirements/*.lock after a change of pyproject.toml (UPGRADE=--upgrade: newest versions)
	@$(LOCK) pyproject.toml --output-file requirements/run.lock
	@$(LOCK) pyproject.toml --extra otel --constraint requirements/run.lock --output-file requirements/otel.lock
	@$(LOCK) requirements/build.in --output-file requirements/build.lock
	@$(LOCK) pyproject.toml --extra dev --output-file requirements/dev.lock
	@$(LOCK) pyproject.toml --extra bench --constraint requirements/dev.lock --output-file requirements/bench.lock
