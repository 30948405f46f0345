#!/usr/bin/env bash
# Prints the path of a pinned development tool, which is built first if the cache lacks it.
set -euo pipefail
cd "$(dirname "$0")/../.."

exec go run ./test/binaries/build "$1"
