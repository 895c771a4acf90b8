# make run    the demo hub on http://127.0.0.1:8080          make test   every test, from nothing
# make bench  counted figures against committed thresholds   make chaos  faults, minutes long, with figures
# make help   this text
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

HOST ?= 127.0.0.1
PORT ?= 8080
DATA ?= .data
BUILD := .build/release
VENV := .build/venv
RUN_PACKAGES := libcurl4-openssl-dev libwebsockets-dev libjansson-dev libsqlite3-dev libssl-dev libjs-three pkg-config
TEST_PACKAGES := chromium openssl python3 python3-venv nodejs fonts-dejavu-core radicale curl coturn janus glewlwyd

.PHONY: bench-ops chaos fuzz-calendar run-calendar help packages test-packages build loadtest run check test test-swift test-javascript test-python bench sweep format lint clean

help:
	@sed -n '1,3p' Makefile | sed 's/^# //'

packages:
	@.ci/install-packages.sh $(RUN_PACKAGES)

test-packages: packages
	@.ci/install-packages.sh $(TEST_PACKAGES)

build: packages
	swift build -c release --product hub

loadtest: packages
	swift build -c release --product hub-loadtest

run: build
	@test -f .build/demo-keys.json || $(BUILD)/hub token key --out .build/demo-keys.json
	@echo "Serving the demo hub on http://$(HOST):$(PORT) — Ctrl-C stops it. For you, as its operator:"
	@$(BUILD)/hub token invite --keys .build/demo-keys.json --role operator --hours 168 --url http://$(HOST):$(PORT)
	exec $(BUILD)/hub serve --data $(DATA) --world worlds/innovation-hub.json --bookings bookings/demo.json \
	  --host $(HOST) --port $(PORT) \
	  --token-keys .build/demo-keys.json

# The demo hub beside a calendar server (Radicale on port 5232) with sample rooms that can be booked.
run-calendar: build
	@.ci/install-packages.sh radicale curl
	BUILD=$(BUILD) HOST=$(HOST) PORT=$(PORT) .ci/run-calendar.sh

check: build
	$(BUILD)/hub check worlds/innovation-hub.json assets-manifest/manifest.json bookings/demo.json bookings/radicale.json

$(VENV)/installed: Tests/requirements.txt | test-packages
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r Tests/requirements.txt
	touch $@

test: test-packages $(VENV)/installed
	@VENV=$(VENV) BUILD=$(BUILD) .ci/test.sh

test-swift: packages
	swift build -c release --build-tests
	swift test -c release --skip-build --skip 'HubAllocationTests|HubFeatureTests'
	swift test -c release --skip-build --filter HubFeatureTests
	swift test -c release --skip-build --filter HubAllocationTests

test-javascript: test-packages
	node --test Tests/JavaScript/*.test.mjs

test-python: build loadtest test-packages $(VENV)/installed
	swift build -c release --product hub-echo
	for folder in Worlds Schema Protocol Conformance Bookings Browser; do \
	  HUB_BINARY=$(BUILD)/hub $(VENV)/bin/python -m pytest -q -p no:cacheprovider Tests/$$folder; \
	done

# Ten thousand generated rules against python-dateutil; FUZZ_RULES and FUZZ_SEED choose others.
fuzz-calendar: build $(VENV)/installed
	HUB_BINARY=$(BUILD)/hub $(VENV)/bin/python Tests/Bookings/fuzz_rules.py $(or $(FUZZ_RULES),10000) $(or $(FUZZ_SEED),0)

bench: packages .build/floor $(VENV)/installed
	for product in hub-bench hub hub-loadtest; do swift build -c release --product $$product; done
	$(BUILD)/hub-bench --thresholds loadtest/bench-thresholds.json
	$(BUILD)/hub-bench floor
	HUB_BINARY=$(BUILD)/hub $(VENV)/bin/python Tests/Bookings/bench_oracle.py
	HUB_BINARY=$(BUILD)/hub $(VENV)/bin/python Tests/Bookings/bench_sync.py

.build/floor: loadtest/floor/floor.c
	mkdir -p .build
	clang -O2 -Wall -Wextra -Werror -o $@ $<

# Long versions of the fault tests, with their figures: power lost at each write, kill -9 in 200 rounds, disks that are full, fail or stall, deploys, clocks, limits.
chaos: build test-packages $(VENV)/installed
	@failed=0; \
	HUB_BINARY=$(BUILD)/hub HUB_KILL_ROUNDS=$${HUB_KILL_ROUNDS:-200} HUB_FAULT_OPS=60 HUB_TEST_SECONDS=1800 $(VENV)/bin/python -m pytest -q -s -p no:cacheprovider \
	  Tests/Protocol/test_notes.py Tests/Protocol/test_disk_faults.py || failed=1; \
	HUB_SIMULATION_SEEDS=$${HUB_SIMULATION_SEEDS:-20000} swift test -c release --filter NoteSimulationTests || failed=1; \
	HUB_BINARY=$(BUILD)/hub HUB_SLOTS=$${HUB_SLOTS:-200} HUB_CHAOS=1 $(VENV)/bin/python -m pytest -q -s -p no:cacheprovider \
	  Tests/Bookings/test_booking.py Tests/Bookings/test_failures.py || failed=1; \
	for script in Tests/Chaos/row*.py; do \
	  echo "== $$script"; HUB_BINARY=$(BUILD)/hub $(VENV)/bin/python $$script || failed=1; \
	done; exit $$failed

# What ops cost: acknowledgements with fsync, 200 editors in one space, movement while the disk stalls. Wants a silent machine.
bench-ops: build test-packages $(VENV)/installed
	HUB_BINARY=$(BUILD)/hub $(VENV)/bin/python Tests/Protocol/bench_ops.py

sweep: packages
	for product in hub hub-loadtest; do swift build -c release --product $$product; done
	$(BUILD)/hub-loadtest sweep --json sweep.jsonl

format:
	swift format -i -r Package.swift Sources loadtest Tests

lint:
	swift format lint --strict -r Package.swift Sources loadtest Tests

clean:
	rm -rf .build
