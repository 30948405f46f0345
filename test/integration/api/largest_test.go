// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// testLargestObject proves that rules cost the server little enough for every object
// within the bounds: it refuses one whose rules would take too long.
func (s *server) testLargestObject(t *testing.T) {
	long := strings.Repeat("segment/", 127) + "segment"
	var data, dataFrom, paths, namespaces, trusted []any
	for i := range 256 {
		data = append(data, map[string]any{"secretKey": fmt.Sprintf("%0253d", i), "from": map[string]any{
			"path": long, "field": strings.Repeat("f", 1024), "jsonPointer": strings.Repeat("/~1", 341), "version": strings.Repeat("v", 64),
			"backendRef": map[string]any{"kind": "SecretBackend", "name": strings.Repeat("b", 253)},
		}})
	}
	for i := range 64 {
		dataFrom = append(dataFrom, map[string]any{
			"entry": map[string]any{"path": long}, "rename": slices.Repeat([]any{map[string]any{"invalid": strings.Repeat("x", 16)}}, 16),
			"include": slices.Repeat([]any{strings.Repeat("i", 256)}, 32), "prefix": strings.Repeat("p", 128),
		})
		paths = append(paths, fmt.Sprintf("p%02d/", i)+strings.Repeat("{namespace}/*/", 71)+"**")
	}
	for i := range 1024 {
		namespaces = append(namespaces, fmt.Sprintf("%063d", i))
	}
	for i := range 16 {
		trusted = append(trusted, fmt.Sprintf("%s/%063d", strings.Repeat("p", 253), i))
	}
	labels, annotations := map[string]any{}, map[string]any{}
	for i := range 64 {
		key := fmt.Sprintf("%s/%063d", strings.Repeat("p", 253), i)
		labels[key], annotations[key] = strings.Repeat("v", 63), strings.Repeat("v", 4096)
	}
	fill := map[string]func(spec map[string]any){
		"SecretSync": func(spec map[string]any) {
			spec["data"], spec["dataFrom"] = data, dataFrom
			spec["target"] = map[string]any{"metadata": map[string]any{"labels": labels, "annotations": annotations}}
		},
		"ClusterSecretSync": func(spec map[string]any) {
			metadata := map[string]any{"labels": labels, "annotations": annotations}
			spec["namespaces"] = map[string]any{"names": namespaces, "exclude": namespaces}
			spec["secretSync"] = map[string]any{"metadata": metadata, "spec": map[string]any{
				"data": data, "dataFrom": dataFrom, "target": map[string]any{"metadata": metadata},
			}}
		},
		"ClusterSecretBackend": func(spec map[string]any) {
			spec["allow"] = map[string]any{"paths": paths, "trustedLabels": trusted, "namespaces": map[string]any{"names": namespaces}}
			spec["vault"].(map[string]any)["tls"] = map[string]any{"caBundle": "-----BEGIN CERTIFICATE-----" + strings.Repeat("x", 262144-27)}
		},
	}
	for kind, fillSpec := range fill {
		t.Run(kind, func(t *testing.T) {
			sent := object(t, kind, allCases()[kind], "")
			fillSpec(sent["spec"].(map[string]any))
			if _, err := s.try(t, sent); err != nil {
				t.Errorf("refused: %.2000s", err.Error())
			}
		})
	}
}
