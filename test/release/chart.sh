#!/usr/bin/env bash
# Packages the chart for a version, and compiles what makes the bills of materials, into a folder:
# chart.sh VERSION FOLDER. The same commit gives the same bytes.
set -euo pipefail
cd "$(dirname "$0")/../.."
version=$1 folder=$2

helm=$(test/verify/tool.sh helm)
mkdir -p "$folder"
rm -f "$folder"/*.tgz
# Helm keeps the times of files, which tell when they were checked out; the commit's stands for them.
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -r helm/secretsync "$copy"
find "$copy" -exec touch --date "@${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}" {} +
"$helm" package "$copy/secretsync" --version "$version" --app-version "v$version" --destination "$folder"
go build -o "$folder/sbom" ./test/release/sbom
