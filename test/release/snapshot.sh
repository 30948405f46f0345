#!/usr/bin/env bash
# Makes a release in dist/ without publishing or signing anything, and checks what came out.
# shellcheck disable=SC2317 # the checks are called by name
set -euo pipefail
cd "$(dirname "$0")/../.."

goreleaser=$(test/verify/tool.sh goreleaser)
helm=$(test/verify/tool.sh helm)
"$goreleaser" check --quiet
# Only the workflow has an identity to sign with.
"$goreleaser" release --snapshot --clean --skip=sign

version=$(jq -r .version dist/metadata.json)
problems=0
# expect WHAT COMMAND... runs a check.
expect() {
  local what=$1
  shift
  if "$@" >/dev/null; then echo "release: $what"; else
    echo "release: FAILED: $what" >&2
    problems=1
  fi
}
contains() { [[ " $(tar -tzf "$1" | sort | xargs) " == " $2 " ]]; }
names() { jq -e --arg name "$2" '.bomFormat == "CycloneDX" and any(.components[]; .name == $name)' "$1"; }
plugin_tells() { dist/kubectl-secretsync_linux_amd64_v1/kubectl-secretsync version | grep -F "v$version"; }

cp bin/release/*.tgz dist/ # as on the page of a release
expect "every checksum is right" bash -c 'cd dist && sha256sum --check --strict --quiet checksums.txt'
for platform in linux_amd64 linux_arm64 darwin_amd64 darwin_arm64; do
  expect "plugin for $platform" contains "dist/kubectl-secretsync_${version}_$platform.tar.gz" "LICENSE kubectl-secretsync"
  expect "bootstrap helper for $platform" contains "dist/secretsync-bootstrap_${version}_$platform.tar.gz" "LICENSE secretsync-bootstrap"
done
expect "plugin for windows_amd64" grep -qF "kubectl-secretsync_${version}_windows_amd64.zip" dist/checksums.txt
for platform in linux_amd64 linux_arm64; do
  expect "operator for $platform" contains "dist/secretsync_${version}_$platform.tar.gz" "LICENSE secretsync"
  expect "bill of the operator for $platform" names "dist/secretsync_${version}_$platform.cdx.json" k8s.io/client-go
done
expect "the plugin knows its version" plugin_tells
expect "the chart passes Helm's own check" "$helm" lint --strict "dist/secretsync-$version.tgz"
expect "the chart runs the image of its version" grep -qF "secretsync:v$version" <("$helm" template x "dist/secretsync-$version.tgz")
expect "the krew manifest has six platforms" test "$(grep -c 'sha256:' dist/krew/secretsync.yaml)" = 6
exit "$problems"
