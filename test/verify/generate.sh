#!/usr/bin/env bash
# Regenerates, from the API types, what is generated: deep copies, CRDs, their copies in the chart,
# the API reference, the README of the chart.
set -euo pipefail
cd "$(dirname "$0")/../.."

controller_gen=$(test/verify/tool.sh controller-gen)
crd_ref_docs=$(test/verify/tool.sh crd-ref-docs)
helm_docs=$(test/verify/tool.sh helm-docs)

"$controller_gen" paths=./pkg/apis/... \
  object:headerFile=test/tools/boilerplate.go.txt \
  crd output:crd:dir=crds

# Helm reads no file outside the chart.
mkdir -p helm/secretsync/files/crds
rm -f helm/secretsync/files/crds/*
cp crds/*.yaml helm/secretsync/files/crds/

mkdir -p docs/reference
"$crd_ref_docs" --log-level=ERROR --max-depth=20 \
  --source-path=pkg/apis --config=test/tools/crd-ref-docs/config.yaml \
  --renderer=markdown --templates-dir=test/tools/crd-ref-docs/templates \
  --output-path=docs/reference/api.md

"$helm_docs" --log-level=error --chart-search-root=helm --skip-version-footer
