# `make help` lists what there is to do. Nothing here changes a source, except generate.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

GO ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

TEST_FLAGS ?= -race -timeout 30m
# Two packages at a time: each of these starts a control plane of its own (about 1 GiB), and waits more
# than it works.
SERVER_TEST_FLAGS ?= $(TEST_FLAGS) -p 2
# These are run with both scopes of the chart by `make test`; as SCOPED_TESTS any can be.
SCOPED_TESTS ?= ./test/e2e/sync ./test/e2e/rollback ./test/e2e/badreads
# What fails once beside real servers gets a second try, which the report names: a test to be mended,
# but not what all others wait for. Unit tests get none.
SERVER_TEST := test/verify/retest.sh
FUZZ_TIME ?= 30s

BUILD := $(GO) run ./test/binaries/build
LINK := -s -w -X github.com/secretsync/secretsync/pkg/version.linked=$(VERSION)
# The image's name, with a registry in front if it is pushed, and what it is built for.
IMAGE ?= localhost/secretsync
PLATFORMS ?= linux/$(shell $(GO) env GOARCH)
# What counts as the time of all that is shipped, so that building it again gives the same bytes.
SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 0)

##@ See it

.PHONY: help
help: ## Show this list.
	@awk 'BEGIN {FS = ":.*## "} \
	  /^##@ / {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z-]+:.*## / {printf "  %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: servers ## Start a control plane, a Vault and the operator, and watch a value travel (KUBECONFIG=... USE_KUBECONFIG=1: in your cluster).
	$(GO) run ./test/demo $(if $(USE_KUBECONFIG),--kubeconfig "$${KUBECONFIG:?name the kubeconfig of your cluster}")

##@ Prove it

.PHONY: test
test: binaries ## Run every test, race detector on: units, then all that runs against the real servers.
	$(GO) test $(TEST_FLAGS) ./cmd/... ./pkg/...
	$(GO) build -race ./...
	$(SERVER_TEST) $(SERVER_TEST_FLAGS) ./test/...
	$(MAKE) test-scoped

.PHONY: test-unit
test-unit: ## Run the tests that need no server (seconds, once compiled).
	$(GO) test ./cmd/... ./pkg/... ./test/architecture/... ./test/argocd/... ./test/pages/...

.PHONY: test-integration
test-integration: binaries ## Run the tests against the real API server and Vault.
	$(SERVER_TEST) $(SERVER_TEST_FLAGS) ./test/...

.PHONY: test-scoped
test-scoped: binaries ## Run the end-to-end tests of what users do again, with an operator that has Roles alone.
	SECRETSYNC_E2E_SCOPED=1 $(SERVER_TEST) $(SERVER_TEST_FLAGS) $(SCOPED_TESTS)

.PHONY: test-scoped-all
test-scoped-all: TEST_FLAGS = -race -timeout 60m
test-scoped-all: SCOPED_TESTS = ./test/e2e/...
test-scoped-all: test-scoped ## Run all end-to-end tests that way (about 40 minutes).

.PHONY: fuzz
fuzz: ## Run every fuzz target for FUZZ_TIME (30s).
	@git grep --untracked -oE '^func Fuzz[A-Za-z0-9_]+' -- '*_test.go' | while IFS=: read -r file func; do \
	  echo "$$file: $${func#func }"; \
	  $(GO) test "./$$(dirname "$$file")" -run '^$$' -fuzz "^$${func#func }\$$" -fuzztime $(FUZZ_TIME) </dev/null; \
	done

.PHONY: bench
bench: binaries ## Measure against the raw limit of the same requests, and print the table.
	$(GO) run ./test/bench

##@ Change it

.PHONY: generate
generate: ## Regenerate deep copies, CRDs (the chart's too), the API reference, the chart's README and the plain alerting rules.
	@test/verify/generate.sh

.PHONY: lint
lint: ## Run golangci-lint and the Kubernetes API linter.
	@test/verify/lint.sh

.PHONY: verify
verify: ## Check everything that is not a test: generated files, module files, lint, layers, budgets, docs.
	@test/verify/verify.sh

.PHONY: vulnerabilities
vulnerabilities: ## Search what is linked into the programs for known vulnerabilities (needs the network).
	$(GO) run golang.org/x/vuln/cmd/govulncheck@v1.8.0 ./cmd/... ./pkg/...

##@ Build it

.PHONY: build
build: ## Build the commands into bin/.
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "$(LINK)" -o bin/ ./cmd/...

.PHONY: plugin
plugin: ## Build the kubectl plugin into bin/; put it into your PATH.
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "$(LINK)" -o bin/ ./cmd/kubectl-secretsync

.PHONY: image
image: ## Build the container image for PLATFORMS with buildah (PUSH=1: push it, too).
	@IMAGE=$(IMAGE) VERSION=$(VERSION) PLATFORMS=$(PLATFORMS) SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) test/release/image.sh

.PHONY: image-check
image-check: ## Build the image twice without pulling anything, and check what is in it (some minutes).
	@test/release/image-check.sh

.PHONY: release-snapshot
release-snapshot: ## Make all of a release but the image in dist/, sign and publish nothing, and check it.
	@test/release/snapshot.sh

.PHONY: release
release: ## Publish a draft of the release of the tag that is checked out (what the hosted workflow runs).
	@test/release/publish.sh

.PHONY: servers
servers:
	@$(BUILD) etcd kube-apiserver kube-controller-manager vault kubernetes jwt >/dev/null

.PHONY: binaries
binaries: ## Build what the tests run: the servers, and Helm; unless cached (about half an hour the first time).
	@$(BUILD)
	@$(BUILD) helm kubeconform gotestsum >/dev/null

.PHONY: tools
tools: ## Build the development tools, unless cached (about 5 minutes the first time).
	@$(BUILD) golangci-lint controller-gen crd-ref-docs helm-docs kubeconform

.PHONY: clean
clean: ## Remove what was built in the tree; the caches of servers and tools stay.
	rm -rf bin dist
