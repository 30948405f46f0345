// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"maps"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

const typeChange = "target.type of an existing Secret can change only by deleting and creating it: " +
	"set target.recreate to Allowed, or give another target.name"

// changeRules are the messages of the rules that compare an object with what it was.
func changeRules() []string { return []string{typeChange} }

// testChanges tries what may become of an object that exists.
func (s *server) testChanges(t *testing.T) {
	cases := map[string]struct {
		reason  string
		before  string
		after   string
		refused string
	}{
		"Type":            {before: "spec: {target: {type: Opaque}}", after: "spec: {target: {type: kubernetes.io/tls}}", refused: typeChange},
		"TypeFromDefault": {reason: "an omitted type is Opaque", after: "spec: {target: {type: kubernetes.io/tls}}", refused: typeChange},
		"TypeToDefault":   {before: "spec: {target: {type: kubernetes.io/tls}}", refused: typeChange},
		"TypeNamed":       {reason: "naming the default is no change", after: "spec: {target: {type: Opaque}}"},
		"TypeRecreated":   {after: "spec: {target: {type: kubernetes.io/tls, recreate: Allowed}}"},
		"TypeOfAnother":   {reason: "it is another Secret", after: "spec: {target: {name: other, type: kubernetes.io/tls}}"},
		"Name":            {after: "spec: {target: {name: other}}"},
		"Source":          {after: "spec: {dataFrom: [{entry: {path: other}}]}"},
	}
	const kind = "SecretSync"
	of := allCases()[kind]
	tried := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		tc := cases[name]
		t.Run(name, func(t *testing.T) {
			live := &unstructured.Unstructured{Object: object(t, kind, of, tc.before)}
			live.SetName("change-" + strings.ToLower(name))
			if err := s.client.Create(t.Context(), live); err != nil {
				t.Fatalf("creating: %v", err)
			}
			live.Object["spec"] = object(t, kind, of, tc.after)["spec"]
			err := s.client.Update(t.Context(), live)
			if tc.refused == "" {
				if err != nil {
					t.Errorf("%s: refused: %v", tc.reason, err)
				}
				return
			}
			if err == nil {
				t.Fatalf("%s: accepted", tc.reason)
			}
			if !slices.ContainsFunc(causes(t, err), func(c metav1.StatusCause) bool {
				return c.Field == "spec" && strings.Contains(c.Message, tc.refused)
			}) {
				t.Errorf("%s: %v, want %q", tc.reason, err, tc.refused)
			}
			tried[tc.refused] = true
		})
	}
	for _, rule := range changeRules() {
		if !tried[rule] {
			t.Errorf("nothing broke the rule %q", rule)
		}
	}
}
