#!/usr/bin/env bash
# Runs `go test` with the given arguments. What fails is run once more, unless it is many; a test that
# needed the second try is named at the end, with what it said the first time.
set -euo pipefail
cd "$(dirname "$0")/../.."

gotestsum=$(test/verify/tool.sh gotestsum)
report=$(mktemp)
trap 'rm -f "$report"' EXIT

status=0
packages=()
flags=()
for argument; do
  if [[ $argument == ./* ]]; then packages+=("$argument"); else flags+=("$argument"); fi
done
"$gotestsum" --format=standard-quiet --rerun-fails=1 --rerun-fails-max-failures=5 \
  --rerun-fails-run-root-test --rerun-fails-report="$report" --packages="${packages[*]}" \
  -- "${flags[@]}" || status=$?
if [[ -s $report ]]; then
  echo "retest: these failed at first; each is a defect of the test or of what it tests:"
  cat "$report"
fi
exit "$status"
