#!/usr/bin/env bash
# Checks everything that is not a test. It reports all that is wrong, not only the first thing,
# and leaves the working tree as it found it.
set -euo pipefail
cd "$(dirname "$0")/../.."

failed=()

# step NAME COMMAND... runs one check, tells how long it took, and remembers a failure.
step() {
  local name=$1 start=$SECONDS
  shift
  echo "verify: $name"
  if "$@"; then
    echo "verify: $name: good, $((SECONDS - start)) s"
  else
    echo "verify: $name: FAILED, $((SECONDS - start)) s"
    failed+=("$name")
  fi
}

step "module files are tidy" go mod tidy -diff
step "code vets" go vet ./...
step "module of the Flux replay is tidy and vets" bash -c 'cd test/integration/gitops/flux && go mod tidy -diff && go vet ./...'
step "module of the External Secrets judge is tidy and vets" bash -c 'cd test/infisical/judges/externalsecrets && go mod tidy -diff && go vet ./...'
step "generated files are up to date" test/verify/generated.sh
step "layers, budgets, headers, map and links" go test -count=1 ./test/architecture/...
step "linters" test/verify/lint.sh

if ((${#failed[@]})); then
  printf 'verify: failed: %s\n' "${failed[@]}" >&2
  exit 1
fi
echo "verify: all good"
