// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// causes returns what the server names as wrong.
func causes(t *testing.T, err error) []metav1.StatusCause {
	t.Helper()
	var status *apierrors.StatusError
	if !errors.As(err, &status) || !apierrors.IsInvalid(err) {
		t.Fatalf("got %v, want a refusal of the object", err)
	}
	return status.ErrStatus.Details.Causes
}

// blames reports whether a cause is about the field. The server names none for a rule
// about the whole object, so that its message does.
func blames(cause metav1.StatusCause, field string) bool {
	return cause.Field == field || cause.Field == "<nil>" && strings.Contains(cause.Message, field)
}

func (s *server) testAccepted(t *testing.T) {
	for kind, objects := range accepted(t) {
		for name, sent := range objects {
			t.Run(kind+"/"+name, func(t *testing.T) {
				stored, err := s.try(t, sent)
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				if diff := cmp.Diff(sent["spec"], stored.Object["spec"]); diff != "" {
					t.Errorf("the server changed the spec (-sent +stored):\n%s", diff)
				}
				decode(t, kind, stored)
			})
		}
	}
}

// decode proves that the operator can read what the server stores: one object that it
// cannot would end the watch of all.
func decode(t *testing.T, kind string, stored *unstructured.Unstructured) {
	t.Helper()
	text, err := json.Marshal(stored)
	if err != nil {
		t.Fatal(err)
	}
	typed := map[string]any{
		"SecretSync": &v1alpha1.SecretSync{}, "SecretBackend": &v1alpha1.SecretBackend{},
		"ClusterSecretBackend": &v1alpha1.ClusterSecretBackend{}, "ClusterSecretSync": &v1alpha1.ClusterSecretSync{},
	}[kind]
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(typed); err != nil {
		t.Errorf("decoding into the Go type: %v", err)
	}
}

func (s *server) testRefused(t *testing.T) {
	for kind, of := range allCases() {
		for _, name := range slices.Sorted(maps.Keys(of.cases)) {
			tc := of.cases[name]
			if tc.field == "" {
				continue
			}
			t.Run(kind+"/"+name, func(t *testing.T) {
				_, err := s.try(t, object(t, kind, of, tc.patch))
				if err == nil {
					t.Fatalf("%s: accepted", tc.reason)
				}
				if !slices.ContainsFunc(causes(t, err), func(c metav1.StatusCause) bool {
					return blames(c, tc.field) && strings.Contains(c.Message, tc.says)
				}) {
					t.Errorf("%s: %v\nwant %s and %q", tc.reason, err, tc.field, tc.says)
				}
			})
		}
	}
}

// testEveryRuleIsTried fails for a CEL rule that no object of the cases breaks, or that no
// accepted object is measured by. Rules about changes are in testChanges.
func (s *server) testEveryRuleIsTried(t *testing.T) {
	broken, kept := map[specRule]bool{}, map[specRule]bool{}
	all := specRules(t)
	for kind, of := range allCases() {
		for _, tc := range of.cases {
			sent := object(t, kind, of, tc.patch)
			if tc.field == "" {
				for _, rule := range all {
					kept[rule] = kept[rule] || rule.kind == kind && holds(sent, rule.field)
				}
				continue
			}
			_, err := s.try(t, sent)
			for _, cause := range causes(t, err) {
				for _, rule := range all {
					about := plainField(cause.Field)
					broken[rule] = broken[rule] || rule.kind == kind && strings.Contains(cause.Message, rule.message) &&
						(about == rule.field || about == "<nil>" && rule.field == "")
				}
			}
		}
	}
	for _, rule := range all {
		if slices.Contains(changeRules(), rule.message) {
			continue
		}
		if !broken[rule] {
			t.Errorf("%s: no case breaks the rule of %q: %s", rule.kind, rule.field, rule.message)
		}
		if !kept[rule] {
			t.Errorf("%s: no accepted case has %q, so that nothing keeps its rule: %s", rule.kind, rule.field, rule.message)
		}
	}
}

// holds reports whether an object has a value at a field of the schema.
func holds(value any, field string) bool {
	if field == "" {
		return true
	}
	switch v := value.(type) {
	case map[string]any:
		name, rest, _ := strings.Cut(field, ".")
		child, ok := v[name]
		return ok && holds(child, rest)
	case []any:
		return slices.ContainsFunc(v, func(item any) bool { return holds(item, field) })
	default:
		return false
	}
}
