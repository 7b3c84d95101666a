# `make help` lists the targets. Each runs in every Go module of the repository, the root and all nested ones;
# scripts/each-module finds them.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Knobs: make test RUN=TestDeclare RACE=1
RUN       ?=
RACE      ?=
SKIP      ?=
TESTFLAGS ?=
TIMEOUT   ?= 10m
BENCH     ?= .
BENCHTIME ?= 1s
COUNT     ?= 1
FUZZ      ?= .
FUZZTIME  ?= 10s
RIVALS    ?=

go_test = go test -timeout $(TIMEOUT) $(if $(RACE),-race) $(if $(RUN),-run '$(RUN)') $(TESTFLAGS)

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: check
check: test lint ## Run what a change has to pass: test and lint

# The end-to-end tests have their own target. Here they start no servers, even if servers are installed, so this
# target is equally quick everywhere. OTELSLI_E2E=auto runs those whose servers are found.
.PHONY: test
test: ## Run the tests of every module (knobs: RUN, RACE=1, SKIP=module, TESTFLAGS)
	@OTELSLI_E2E=$${OTELSLI_E2E:-off} scripts/each-module $(addprefix -x ,$(SKIP)) $(go_test) ./...

# Left out are modules that only check what was generated: they would rebuild the PromQL engine and
# Grafana's SDK with the race detector, which takes longer than all else here.
.PHONY: race
race: ## Run the tests under the race detector
	@$(MAKE) test RACE=1 SKIP='internal/conformance internal/exports'

.PHONY: e2e
e2e: ## Run the end-to-end tests against real servers (install them with: make servers)
	@cd internal/e2e && OTELSLI_E2E=$${OTELSLI_E2E:-required} go test -count=1 -timeout 10m $(if $(RACE),-race) $(if $(RUN),-run '$(RUN)') $(TESTFLAGS) ./...

.PHONY: servers
servers: ## Install the servers for the end-to-end tests (takes a few minutes, once)
	@scripts/install-servers

.PHONY: bench
bench: ## Run the benchmarks (knobs: BENCH, BENCHTIME, COUNT)
	@OTELSLI_E2E=off scripts/each-module go test -run '^$$' -bench '$(BENCH)' -benchmem -benchtime $(BENCHTIME) -count $(COUNT) -timeout 60m ./...

# Prints a table and writes it into the document. For a quick look: make bench-rivals RIVALS='-short -doc='
.PHONY: bench-rivals
bench-rivals: ## Compare with other libraries in one run, about 6 minutes (knob: RIVALS, flags)
	@cd internal/rivals && go run . -doc ../../docs/performance.md $(RIVALS)

.PHONY: fuzz
fuzz: ## Run every fuzz target for FUZZTIME (knobs: FUZZTIME, FUZZ=<pattern>)
	@FUZZTIME=$(FUZZTIME) scripts/fuzz '$(FUZZ)'

.PHONY: cover
cover: ## Measure test coverage; writes cover.out into each module
	@OTELSLI_E2E=$${OTELSLI_E2E:-off} scripts/each-module $(go_test) -covermode=atomic -coverpkg=./... -coverprofile=cover.out ./...
	@scripts/each-module bash -c 'go tool cover -func=cover.out | tail -n 1'

.PHONY: lint
lint: ## Check formatting, go vet, golangci-lint and go.mod of every module
	@failed=; \
	scripts/each-module -a go mod tidy -diff || failed=yes; \
	scripts/each-module go vet ./... || failed=yes; \
	scripts/each-module "$(CURDIR)/scripts/golangci-lint" run ./... || failed=yes; \
	[[ -z $$failed ]]

.PHONY: fmt
fmt: ## Format every module (gofumpt, imports)
	@scripts/each-module "$(CURDIR)/scripts/golangci-lint" fmt ./...

.PHONY: tidy
tidy: ## Run go mod tidy in every module
	@scripts/each-module -a go mod tidy

.PHONY: clean
clean: ## Remove what the targets leave behind (not the cache of servers and tools)
	@find . \( -name cover.out -o -name '*.test' -o -name '*.prof' \) -type f -delete
