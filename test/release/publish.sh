#!/usr/bin/env bash
# Publishes the tag that is checked out: files as a draft of a release, chart and image to REGISTRY,
# each signed with the identity of the workflow that runs this. The hosted workflow calls it.
set -euo pipefail
cd "$(dirname "$0")/../.."

: "${REGISTRY:?where image and chart go, as host/folder}" "${REGISTRY_USER:?}" "${REGISTRY_PASSWORD:?}"
: "${GITHUB_TOKEN:?with which the draft of the release is made}"
VERSION=$(git describe --tags --exact-match)
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export VERSION SOURCE_DATE_EPOCH IMAGE=$REGISTRY/secretsync PLATFORMS=linux/amd64,linux/arm64

goreleaser=$(test/verify/tool.sh goreleaser)
helm=$(test/verify/tool.sh helm)
for program in buildah cosign; do
  command -v "$program" >/dev/null || { echo "release: $program is missing" >&2; exit 1; }
done
buildah login --username "$REGISTRY_USER" --password-stdin "${REGISTRY%%/*}" <<<"$REGISTRY_PASSWORD"
"$helm" registry login --username "$REGISTRY_USER" --password-stdin "${REGISTRY%%/*}" <<<"$REGISTRY_PASSWORD"
cosign login --username "$REGISTRY_USER" --password-stdin "${REGISTRY%%/*}" <<<"$REGISTRY_PASSWORD"

# The image first: the chart names it.
PUSH=1 test/release/image.sh
cosign sign --yes --recursive "$IMAGE@$(<dist/image.digest)"
"$goreleaser" release --clean
pushed=$("$helm" push "bin/release/secretsync-${VERSION#v}.tgz" "oci://$REGISTRY/charts" 2>&1)
echo "$pushed"
digest=$(grep -oE 'sha256:[0-9a-f]{64}' <<<"$pushed")
cosign sign --yes "$REGISTRY/charts/secretsync@$digest"
