#!/usr/bin/env bash
# Packages the chart for a version, and compiles what makes the bills of materials, into a folder:
# chart.sh VERSION FOLDER.
set -euo pipefail
cd "$(dirname "$0")/../.."
version=$1 folder=$2

helm=$(test/verify/tool.sh helm)
mkdir -p "$folder"
rm -f "$folder"/*.tgz
"$helm" package helm/secretsync --version "$version" --app-version "v$version" --destination "$folder"
go build -o "$folder/sbom" ./test/release/sbom
