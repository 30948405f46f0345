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
# zipped ARCHIVE FILE: names stand in a zip file as they are.
zipped() { grep -qaF "$2" "$1"; }
names() { jq -e --arg name "$2" '.bomFormat == "CycloneDX" and any(.components[]; .name == $name)' "$1"; }
# tells PROGRAM: the one for this machine runs, and says which version it is.
tells() { tar -xzOf "dist/$1_${version}_$here.tar.gz" "$1" >"$work/$1" && chmod +x "$work/$1" && "$work/$1" version | grep -Fx "v$version"; }
# holds PROGRAM PLATFORM: what runs on another machine, or does not say which version it is, holds it.
holds() { grep -qaF "v$version" <(tar -xzOf "dist/$1_${version}_$2.tar.gz" "$1"); }
# again packages the chart once more.
again() { test/release/chart.sh "$version" "$work/again" && cmp "$work/again/secretsync-$version.tgz" "dist/secretsync-$version.tgz"; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
here=linux_$(go env GOARCH)
cp bin/release/*.tgz dist/ # as on the page of a release
expect "every checksum is right" bash -c 'cd dist && sha256sum --check --strict --quiet checksums.txt'
for platform in linux_amd64 linux_arm64 darwin_amd64 darwin_arm64; do
  for program in kubectl-secretsync secretsync-bootstrap; do
    expect "$program for $platform" contains "dist/${program}_${version}_$platform.tar.gz" "LICENSE $program"
    expect "$program for $platform holds its version" holds "$program" "$platform"
    expect "bill of $program for $platform" names "dist/${program}_${version}_$platform.cdx.json" github.com/spf13/cobra
  done
done
for platform in windows_amd64 windows_arm64; do
  expect "kubectl-secretsync for $platform" zipped "dist/kubectl-secretsync_${version}_$platform.zip" kubectl-secretsync.exe
  expect "bill of kubectl-secretsync for $platform" names "dist/kubectl-secretsync_${version}_$platform.cdx.json" github.com/spf13/cobra
done
for platform in linux_amd64 linux_arm64; do
  expect "secretsync for $platform" contains "dist/secretsync_${version}_$platform.tar.gz" "LICENSE secretsync"
  expect "secretsync for $platform holds its version" holds secretsync "$platform"
  expect "bill of secretsync for $platform" names "dist/secretsync_${version}_$platform.cdx.json" k8s.io/client-go
done
expect "the checksums are of 25 files" test "$(wc -l <dist/checksums.txt)" = 25
expect "the plugin tells its version" tells kubectl-secretsync
expect "the bootstrap helper tells its version" tells secretsync-bootstrap
expect "the chart passes Helm's own check" "$helm" lint --strict "dist/secretsync-$version.tgz"
expect "the chart runs the image of its version" grep -qF "secretsync:v$version" <("$helm" template x "dist/secretsync-$version.tgz")
expect "the chart is the same when it is packaged again" again
expect "the krew manifest has six platforms" test "$(grep -c 'sha256:' dist/krew/secretsync.yaml)" = 6
exit "$problems"
