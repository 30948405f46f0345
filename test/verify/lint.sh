#!/usr/bin/env bash
# Runs the two lint configurations with the one binary that serves both.
set -euo pipefail
cd "$(dirname "$0")/../.."

golangci_lint=$(test/verify/tool.sh golangci-lint)
status=0
"$golangci_lint" run --allow-parallel-runners --config=.golangci.yml ./... || status=1
"$golangci_lint" run --allow-parallel-runners --config=.golangci-api.yml ./pkg/apis/... || status=1
exit "$status"
