#!/usr/bin/env bash
# Puts the helper of a release into the PATH of the steps that follow, if its bytes are those
# that the release lists. Takes VERSION and RELEASES, and what the runner sets.
set -euo pipefail

if [[ ! "$VERSION" =~ ^v[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]]; then
  echo "::error::version \"$VERSION\" is no release such as v0.1.0: use the action at a tag, or set version"
  exit 1
fi
case "$RUNNER_OS" in
  Linux) os=linux ;;
  macOS) os=darwin ;;
  *) echo "::error::there is no helper for $RUNNER_OS: use a runner with Linux or macOS"; exit 1 ;;
esac
case "$RUNNER_ARCH" in
  X64) arch=amd64 ;;
  ARM64) arch=arm64 ;;
  *) echo "::error::there is no helper for $RUNNER_ARCH: use a runner with X64 or ARM64"; exit 1 ;;
esac

folder="$RUNNER_TEMP/secretsync-bootstrap"
archive="secretsync-bootstrap_${VERSION#v}_${os}_${arch}.tar.gz"
mkdir -p "$folder"
cd "$folder"
for file in "$archive" checksums.txt; do
  curl --fail --silent --show-error --location --retry 3 --output "$file" "$RELEASES/$VERSION/$file"
done
grep -E "^[0-9a-f]{64} [ *]$archive\$" checksums.txt >checksum.txt || {
  echo "::error::the release lists no checksum of $archive"
  exit 1
}
if command -v sha256sum >/dev/null; then
  sha256sum --check --quiet checksum.txt
else
  shasum --algorithm 256 --check --quiet checksum.txt
fi
tar -xzf "$archive" secretsync-bootstrap
echo "$folder" >>"$GITHUB_PATH"
