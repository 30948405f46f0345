#!/usr/bin/env bash
# Builds the container image for every platform of PLATFORMS, as a manifest list IMAGE:VERSION, so
# that the same commit gives the same digests. With PUSH=1 it pushes the list and writes its digest
# to dist/image.digest.
set -euo pipefail
cd "$(dirname "$0")/../.."

: "${IMAGE:?the name of the image, with a registry in front if it is pushed}" "${VERSION:?}" "${PLATFORMS:?}"
: "${SOURCE_DATE_EPOCH:?seconds since 1970 that count as the time of all that is built}"

if ! command -v buildah >/dev/null; then
  echo "image: buildah is missing: install Debian's or Ubuntu's package of that name" >&2
  exit 1
fi
read -r -a global <<<"${BUILDAH_FLAGS:-}"
read -r -a build <<<"${BUILDAH_BUILD_FLAGS:-}"

list=$IMAGE:$VERSION
buildah "${global[@]}" manifest rm "$list" >/dev/null 2>&1 || true # left of an earlier build
# Neither the time nor the release of buildah is part of the image. One platform after the other, or
# their order in the list would be that in which they were done.
for platform in ${PLATFORMS//,/ }; do
  buildah "${global[@]}" bud "${build[@]}" --timestamp "$SOURCE_DATE_EPOCH" --identity-label=false \
    --platform "$platform" --manifest "$list" --build-arg "VERSION=$VERSION" .
done

if [[ -n ${PUSH:-} ]]; then
  mkdir -p dist
  buildah "${global[@]}" manifest push --all --digestfile dist/image.digest "$list" "docker://$list"
fi
