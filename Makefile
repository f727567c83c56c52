# Two commands do everything on a fresh machine: `make demo` and `make test`.

.PHONY: demo test mutants bench lint build deps python
SWIFT ?= swift
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
PACKAGES := libzmq3-dev libsqlite3-dev zlib1g-dev libcurl4-openssl-dev python3-zmq python3-jsonschema python3-pip
PYTHON_PACKAGES := cloudevents==2.2.0 duckdb==2.0.1 moto[server]==5.2.5 opentelemetry-proto==1.45.2 pydot==4.0.1

demo: deps ## Build, start the shop, load orders, follow one, kill and rebuild a projection, stop.
	$(SWIFT) build -c release --product roost
	$$($(SWIFT) build -c release --show-bin-path)/roost demo topology/shop.yaml

test: deps python lint ## Build everything and run every test.
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --no-parallel

mutants: deps ## Build Roost with bugs on purpose, and see that the drills find each of them.
	$(SWIFT) build --scratch-path .build/mutants -Xswiftc -DROOST_MUTANTS --product roost
	$(SWIFT) run --scratch-path .build/mutants -Xswiftc -DROOST_MUTANTS MutantProbe

bench: deps ## Measure Roost beside the limits of this machine.
	$(SWIFT) build -c release --product roost
	$(SWIFT) run -c release Benchmarks

lint: ## Check the format of the sources.
	$(SWIFT) format lint --strict --recursive Sources Tests Package.swift

build: deps
	$(SWIFT) build

# What other programs read and serve in tests; beside the build, so that nothing of the machine changes.
python: .build/python/installed
.build/python/installed: Makefile | deps
	rm -rf .build/python
	PIP_ROOT_USER_ACTION=ignore /usr/bin/python3 -m pip install --quiet --target .build/python $(foreach package,$(PYTHON_PACKAGES),'$(package)')
	touch $@

# The system libraries; installs only what is missing.
deps:
	@missing=$$(for package in $(PACKAGES); do \
		dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || echo $$package; done); \
	if [ -n "$$missing" ]; then $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq $$missing; fi
