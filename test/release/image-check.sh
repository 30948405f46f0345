#!/usr/bin/env bash
# Builds the image twice, the second time without any cache of compiled packages, and checks that
# both are the same, hold nothing but the operator and certificates, and run it as nobody.
#
# Nothing is pulled: in place of the Dockerfile's Go image stands one of this machine's Go, its
# certificates and busybox for a shell.
set -euo pipefail
cd "$(dirname "$0")/../.."

for program in buildah busybox jq go; do
  if ! command -v "$program" >/dev/null; then
    echo "image-check: $program is missing; Debian and Ubuntu: apt-get install buildah busybox-static jq" >&2
    exit 1
  fi
done

work=$(mktemp -d)
storage=(--root "$work/storage" --runroot "$work/run" --storage-driver vfs)
trap 'buildah "${storage[@]}" rm --all >/dev/null 2>&1 || true; chmod -R u+w "$work"; rm -rf "$work"' EXIT

export IMAGE=localhost/secretsync VERSION=v0.0.0-check PLATFORMS=${PLATFORMS:-linux/amd64,linux/arm64}
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-1700000000}
export BUILDAH_FLAGS="${storage[*]}"

# go_image makes the image that stands for the Dockerfile's first stage. It is a list with the same
# content for each platform: of a local name buildah wants one of the platform that it builds for.
go_image() {
  local container platform
  container=$(buildah "${storage[@]}" from scratch)
  buildah "${storage[@]}" copy --quiet "$container" "$(command -v busybox)" /bin/busybox >/dev/null
  buildah "${storage[@]}" copy --quiet "$container" "$(command -v busybox)" /bin/sh >/dev/null
  buildah "${storage[@]}" copy --quiet "$container" /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ >/dev/null
  buildah "${storage[@]}" run --isolation chroot "$container" /bin/busybox mkdir -p -m 1777 /tmp
  buildah "${storage[@]}" config --env PATH=/usr/local/go/bin:/bin --env GOPATH=/go --env GOCACHE=/go/build \
    --env GOTOOLCHAIN=local --env "GOPROXY=$(go env GOPROXY)" --env "GOSUMDB=$(go env GOSUMDB)" "$container"
  buildah "${storage[@]}" manifest create localhost/go >/dev/null
  for platform in ${PLATFORMS//,/ }; do
    buildah "${storage[@]}" config --os "${platform%/*}" --arch "${platform#*/}" "$container"
    buildah "${storage[@]}" commit --quiet "$container" "localhost/go-${platform#*/}" >/dev/null
    buildah "${storage[@]}" manifest add localhost/go "localhost/go-${platform#*/}" >/dev/null
  done
}

# build OUT CACHE builds the image with that folder of compiled packages into an OCI layout.
build() {
  local volumes
  volumes="--volume $(go env GOROOT):/usr/local/go:ro --volume $(go env GOMODCACHE):/go/pkg/mod --volume $2:/go/build"
  BUILDAH_BUILD_FLAGS="--quiet --isolation chroot --no-cache --pull-never --from localhost/go $volumes" test/release/image.sh >/dev/null
  buildah "${storage[@]}" manifest push --quiet --all "$IMAGE:$VERSION" "oci:$1"
}

blob() { echo "$work/first/blobs/${1/://}"; }

problems=0
# expect WHAT WANT GOT
expect() {
  if [[ $2 == "$3" ]]; then
    echo "image-check: $1: $3"
  else
    printf 'image-check: %s: want %q, got %q\n' "$@" >&2
    problems=1
  fi
}

# inspect MANIFEST checks one platform's image.
inspect() {
  local config
  config=$(blob "$(jq -r .config.digest "$1")")
  echo "image-check: $(jq -r '.os + "/" + .architecture' "$config")"
  expect "user" "65532:65532" "$(jq -r .config.User "$config")"
  expect "entry point" '["/secretsync"]' "$(jq -c .config.Entrypoint "$config")"
  expect "created" "$(date -u -d "@$SOURCE_DATE_EPOCH" +%FT%TZ)" "$(jq -r .created "$config")"
  local layers=() layer
  while read -r layer; do layers+=("$(blob "$layer")"); done < <(jq -r '.layers[].digest' "$1")
  expect "files" "etc/ssl/certs/ca-certificates.crt secretsync" \
    "$(for layer in "${layers[@]}"; do tar -tzf "$layer"; done | grep -v '/$' | sort | xargs)"
  expect "owners" "0/0" "$(for layer in "${layers[@]}"; do tar --numeric-owner -tvzf "$layer"; done | awk '{print $2}' | sort -u | xargs)"
  for layer in "${layers[@]}"; do tar -xzf "$layer" -C "$work" secretsync 2>/dev/null || true; done
  expect "version in the binary" "yes" "$(grep -qaF "$VERSION" "$work/secretsync" && echo yes || echo no)"
}

go_image
mkdir "$work/compiled"
build "$work/first" "$(go env GOCACHE)"
build "$work/second" "$work/compiled"

expect "digest of two builds" "$(jq -r '.manifests[0].digest' "$work/first/index.json")" "$(jq -r '.manifests[0].digest' "$work/second/index.json")"
list=$(blob "$(jq -r '.manifests[0].digest' "$work/first/index.json")")
expect "platforms" "$PLATFORMS" "$(jq -r '[.manifests[].platform | .os + "/" + .architecture] | join(",")' "$list")"
while read -r manifest; do inspect "$(blob "$manifest")"; done < <(jq -r '.manifests[].digest' "$list")

# Last, what the image says of itself is tried: its entry point, as its user.
container=$(buildah "${storage[@]}" from --pull-never "$IMAGE:$VERSION")
help=$(buildah "${storage[@]}" run --isolation chroot "$container" /secretsync --help 2>&1)
expect "entry point runs" "yes" "$(grep -q -- --leader-elect <<<"$help" && echo yes || echo no)"
if buildah "${storage[@]}" run --isolation chroot "$container" /bin/sh -c true >/dev/null 2>&1; then
  echo "image-check: there is a shell in the image" >&2
  problems=1
fi
exit "$problems"
