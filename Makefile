# Everything a clone needs, in a few words: make help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

TARGET := $(or $(CARGO_TARGET_DIR),target)
RELEASE := $(TARGET)/release/workdock
DEBUG := $(TARGET)/debug/workdock
UI_SOURCES := $(shell find ui -type f -not -path '*/node_modules/*' -not -path 'ui/dist/*' -not -name generated.ts 2>/dev/null)
# nextest runs the tests of all crates side by side; without it cargo runs them crate by crate.
NEXTEST := $(shell cargo nextest --version >/dev/null 2>&1 && echo yes)
NPM_CI := npm ci --no-audit --no-fund --loglevel=error

.PHONY: help demo up build ui test test-rust test-ui test-browser test-timescale check check-rust check-ui bench clean

help: ## Show this
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 18

demo: build ## Set up everything and open a running system with a living demo business
	$(RELEASE) demo

up: build ## Run the system on the data in .workdock/
	$(RELEASE) up

build: ui ## Build the page and the program: target/release/workdock
	cargo build --locked --release -p infra

ui: ui/dist/index.html ## Build the page

ui/dist/index.html: ui/node_modules/.package-lock.json $(UI_SOURCES)
	cd ui && npm run --silent build

# npm writes this file at the end of an installation.
%/node_modules/.package-lock.json: %/package-lock.json
	cd $* && $(NPM_CI)
	touch $@

test: test-ui test-rust test-timescale test-browser ## Set up everything and run every test

# The end-to-end tests run the program itself: built by the same command as the tests, with the page in it.
test-rust: ui
ifeq ($(NEXTEST),yes)
	cargo nextest run --locked --workspace --no-run
	$(DEBUG) servers --ephemeral -- cargo nextest run --locked --workspace --no-fail-fast --status-level retry
else
	cargo test --locked --workspace --no-run
	$(DEBUG) servers --ephemeral -- cargo test --locked --workspace --no-fail-fast
endif

# The program is there after test-rust; it starts the plain server, the script the other.
test-timescale: test-rust tests/timescale/node_modules/.package-lock.json
	WORKDOCK="$(abspath $(DEBUG))" tests/timescale/run

test-ui: ui/node_modules/.package-lock.json
	cd ui && npm test --silent

# A debug program is enough, and is there after test-rust. SCREENSHOTS=docs/pictures renews the README's pictures.
test-browser: test-rust tests/browser/node_modules/.package-lock.json
	CHROMIUM="$$(infra/setup/chromium)" WORKDOCK="$(abspath $(DEBUG))" npm test --silent --prefix tests/browser

check: check-rust check-ui ## What CI adds to the tests: format, lints, directions, licences, sizes
	python3 infra/checks/directions.py
	python3 infra/checks/sizes.py
	python3 infra/checks/licences.py

check-rust:
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets --quiet -- -D warnings
	cargo clippy --locked -p workdock-tests --test timescale --quiet -- -D warnings

check-ui: ui/node_modules/.package-lock.json
	cd ui && npm run --silent lint && npm run --silent typecheck

# A debug program is enough to start the servers; what is measured is built for release.
bench: ui ## Print the measured ratios (durable servers; takes minutes, wants a quiet machine)
	cargo build --locked -p infra
	test -d "$(TARGET)/bench-peers" || python3 -m venv "$(TARGET)/bench-peers"
	"$(TARGET)/bench-peers/bin/pip" install --quiet --requirement infra/benches/peers.txt
	WORKDOCK_BENCH_PYTHON="$(abspath $(TARGET))/bench-peers/bin/python" \
		$(DEBUG) servers --data "$(TARGET)/bench-data" -- cargo bench --locked -p infra

clean: ## Remove what was built (not .workdock/, which is data)
	cargo clean
	rm -rf ui/dist ui/node_modules tests/timescale/node_modules
