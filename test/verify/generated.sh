#!/usr/bin/env bash
# Regenerates in a copy of the working tree and compares, so that the tree itself stays clean.
set -euo pipefail
cd "$(dirname "$0")/../.."

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z --cached --others --exclude-standard |
  while IFS= read -r -d '' file; do [[ ! -e $file ]] || printf '%s\0' "$file"; done |
  tar --null --files-from=- --create --file=- | tar --extract --file=- --directory="$copy"

"$copy/test/verify/generate.sh"
stale=0
for part in crds helm/secretsync pkg/apis docs/reference docs/operations/alerts; do
  diff --recursive --unified --new-file "$part" "$copy/$part" || stale=1
done
if ((stale)); then
  echo "the files above are not what their sources say: run make generate" >&2
fi
exit "$stale"
