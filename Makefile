# Two commands do everything on a fresh machine: `make demo` and `make test`.

.PHONY: demo test bench lint build deps
SWIFT ?= swift
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
PACKAGES := libzmq3-dev libsqlite3-dev zlib1g-dev libcurl4 python3-zmq python3-jsonschema

demo: deps ## Build, start the shop, load orders, follow one, kill and rebuild a projection, stop.
	$(SWIFT) build -c release --product roost
	$$($(SWIFT) build -c release --show-bin-path)/roost demo topology/shop.yaml

test: deps lint ## Build everything and run every test.
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --no-parallel

bench: deps ## Measure Roost beside the limits of this machine.
	$(SWIFT) run -c release Benchmarks

lint: ## Check the format of the sources.
	$(SWIFT) format lint --strict --recursive Sources Tests Package.swift

build: deps
	$(SWIFT) build

# The system libraries; installs only what is missing.
deps:
	@missing=$$(for package in $(PACKAGES); do \
		dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || echo $$package; done); \
	if [ -n "$$missing" ]; then $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq $$missing; fi
