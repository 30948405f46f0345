// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backend_test

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

// everywhere selects all namespaces.
func everywhere() *v1alpha1.NamespaceSelection { return &v1alpha1.NamespaceSelection{} }

func TestGuardAllows(t *testing.T) {
	team := map[string]string{"team": "red", "corp.example/tier": "gold", "empty": "", "dots": "a.b"}
	cases := map[string]struct {
		reason  string
		paths   []string
		trusted []string
		labels  map[string]string
		path    string
		want    bool
	}{
		"NoPaths":               {reason: "empty paths allow nothing", path: "a"},
		"Exact":                 {paths: []string{"apps/db"}, path: "apps/db", want: true},
		"ExactIsCaseSensitive":  {paths: []string{"apps/db"}, path: "apps/DB"},
		"PrefixIsNoMatch":       {paths: []string{"apps"}, path: "apps/db"},
		"StarIsOneSegment":      {paths: []string{"apps/*"}, path: "apps/db", want: true},
		"StarIsNotNone":         {paths: []string{"apps/*"}, path: "apps"},
		"StarIsNotTwo":          {paths: []string{"apps/*"}, path: "apps/a/b"},
		"DeepIsNone":            {paths: []string{"apps/**"}, path: "apps", want: true},
		"DeepIsMany":            {paths: []string{"apps/**"}, path: "apps/a/b/c", want: true},
		"DeepInTheMiddle":       {paths: []string{"apps/**/db"}, path: "apps/a/b/db", want: true},
		"DeepInTheMiddleNone":   {paths: []string{"apps/**/db"}, path: "apps/db", want: true},
		"DeepGoesBack":          {paths: []string{"**/a/*/b"}, path: "a/x/a/y/b", want: true},
		"TwoDeep":               {paths: []string{"**/x/**/y"}, path: "1/x/2/x/3/y", want: true},
		"TwoDeepMissing":        {paths: []string{"**/x/**/y"}, path: "1/x/2/x/3/z"},
		"DeepAlone":             {paths: []string{"**"}, path: "anything/at/all", want: true},
		"SecondPattern":         {paths: []string{"one", "two"}, path: "two", want: true},
		"Namespace":             {paths: []string{"apps/{namespace}/**"}, path: "apps/payments/db", want: true},
		"NamespaceOther":        {paths: []string{"apps/{namespace}/**"}, path: "apps/billing/db"},
		"NamespaceIsWhole":      {reason: "payments-2 is another namespace", paths: []string{"apps/{namespace}/**"}, path: "apps/payments-2/db"},
		"NamespaceWithinText":   {paths: []string{"ns-{namespace}-x"}, path: "ns-payments-x", want: true},
		"Label":                 {paths: []string{"teams/{label:team}/*"}, trusted: []string{"team"}, labels: team, path: "teams/red/db", want: true},
		"LabelOther":            {paths: []string{"teams/{label:team}/*"}, trusted: []string{"team"}, labels: team, path: "teams/blue/db"},
		"LabelKeyWithSlash":     {paths: []string{"{label:corp.example/tier}/*"}, trusted: []string{"corp.example/tier"}, labels: team, path: "gold/db", want: true},
		"LabelMissing":          {reason: "no label, no match", paths: []string{"teams/{label:team}/*"}, trusted: []string{"team"}, path: "teams/red/db"},
		"LabelMissingIsNoName":  {reason: "the placeholder's text is no path", paths: []string{"teams-{label:team}"}, trusted: []string{"team"}, path: "teams-"},
		"LabelEmpty":            {reason: "an empty label is like none", paths: []string{"teams-{label:empty}"}, trusted: []string{"empty"}, labels: team, path: "teams-"},
		"TwoPlaceholders":       {paths: []string{"{label:team}-{namespace}/x"}, trusted: []string{"team"}, labels: team, path: "red-payments/x", want: true},
		"LabelIsNoWildcard":     {reason: "a value is literal", paths: []string{"{label:w}/x"}, trusted: []string{"w"}, labels: map[string]string{"w": "*"}, path: "any/x"},
		"LabelIsNoDeepWildcard": {reason: "a value is literal", paths: []string{"{label:w}"}, trusted: []string{"w"}, labels: map[string]string{"w": "**"}, path: "any/x"},
		"LabelHasNoSlash":       {reason: "a value is one segment", paths: []string{"{label:w}"}, trusted: []string{"w"}, labels: map[string]string{"w": "a/b"}, path: "a/b"},
		"LabelHasNoPlaceholder": {reason: "a value is not expanded again", paths: []string{"{label:w}"}, trusted: []string{"w"}, labels: map[string]string{"w": "{namespace}"}, path: "payments"},
		"LabelIsNoParent":       {reason: "never out of the tree", paths: []string{"a/{label:w}"}, trusted: []string{"w"}, labels: map[string]string{"w": ".."}, path: "a/.."},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			allow := &v1alpha1.Allow{Namespaces: everywhere(), Paths: tc.paths, TrustedLabels: tc.trusted}
			guard, err := backend.NewGuard(allow, "payments", tc.labels)
			if err != nil {
				t.Fatalf("NewGuard: %v", err)
			}
			if got := guard.Allows(tc.path); got != tc.want {
				t.Errorf("%s: Allows(%q) = %v, want %v", tc.reason, tc.path, got, tc.want)
			}
		})
	}
}

func TestGuardNamespaces(t *testing.T) {
	prod := map[string]string{"env": "prod"}
	isProd := &metav1.LabelSelector{MatchLabels: prod}
	cases := map[string]struct {
		reason     string
		namespaces *v1alpha1.NamespaceSelection
		labels     map[string]string
		want       bool
	}{
		"Absent":           {reason: "absent is nobody"},
		"Empty":            {reason: "empty is all", namespaces: everywhere(), want: true},
		"EmptyList":        {reason: "an empty list is an absent one", namespaces: &v1alpha1.NamespaceSelection{Names: []string{}}, want: true},
		"Named":            {namespaces: &v1alpha1.NamespaceSelection{Names: []string{"x", "payments"}}, want: true},
		"NotNamed":         {namespaces: &v1alpha1.NamespaceSelection{Names: []string{"x"}}},
		"Selected":         {namespaces: &v1alpha1.NamespaceSelection{Selector: isProd}, labels: prod, want: true},
		"NotSelected":      {namespaces: &v1alpha1.NamespaceSelection{Selector: isProd}},
		"SelectorOfAll":    {namespaces: &v1alpha1.NamespaceSelection{Selector: &metav1.LabelSelector{}}, want: true},
		"NamedNotSelected": {reason: "either is enough", namespaces: &v1alpha1.NamespaceSelection{Names: []string{"payments"}, Selector: isProd}, want: true},
		"SelectedNotNamed": {reason: "either is enough", namespaces: &v1alpha1.NamespaceSelection{Names: []string{"x"}, Selector: isProd}, labels: prod, want: true},
		"Neither":          {namespaces: &v1alpha1.NamespaceSelection{Names: []string{"x"}, Selector: isProd}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			guard, err := backend.NewGuard(&v1alpha1.Allow{Namespaces: tc.namespaces, Paths: []string{"**"}}, "payments", tc.labels)
			if err != nil {
				t.Fatalf("NewGuard: %v", err)
			}
			if got := guard.NamespaceAllowed(); got != tc.want {
				t.Errorf("%s: NamespaceAllowed() = %v, want %v", tc.reason, got, tc.want)
			}
			if got := guard.Allows("any/path"); got != tc.want {
				t.Errorf("Allows = %v where NamespaceAllowed is %v", got, tc.want)
			}
		})
	}
}

func TestGuardWithoutAllow(t *testing.T) {
	absent, err := backend.NewGuard(nil, "payments", nil)
	if err != nil {
		t.Fatalf("NewGuard: %v", err)
	}
	for name, guard := range map[string]backend.Guard{"Nil": absent, "Zero": {}} {
		if guard.NamespaceAllowed() || guard.Allows("a") {
			t.Errorf("%s: the guard allows something", name)
		}
	}
	if all := backend.AllowAll(); !all.NamespaceAllowed() || !all.Allows("a/b") {
		t.Error("AllowAll does not")
	}
}

func TestGuardRefusesInvalidAllow(t *testing.T) {
	cases := map[string]struct {
		allow v1alpha1.Allow
		names string
	}{
		"EmptySegment":        {allow: v1alpha1.Allow{Paths: []string{"ok", "a//b"}}, names: "spec.allow.paths[1]"},
		"LeadingSlash":        {allow: v1alpha1.Allow{Paths: []string{"/a"}}, names: "spec.allow.paths[0]"},
		"TrailingSlash":       {allow: v1alpha1.Allow{Paths: []string{"a/"}}, names: "spec.allow.paths[0]"},
		"Parent":              {allow: v1alpha1.Allow{Paths: []string{"a/../b"}}, names: "spec.allow.paths[0]"},
		"Percent":             {allow: v1alpha1.Allow{Paths: []string{"a%2fb"}}, names: "spec.allow.paths[0]"},
		"StarWithinText":      {allow: v1alpha1.Allow{Paths: []string{"app-*"}}, names: "spec.allow.paths[0]"},
		"ThreeStars":          {allow: v1alpha1.Allow{Paths: []string{"***"}}, names: "spec.allow.paths[0]"},
		"UnknownPlaceholder":  {allow: v1alpha1.Allow{Paths: []string{"{name}"}}, names: "{namespace}"},
		"UnclosedPlaceholder": {allow: v1alpha1.Allow{Paths: []string{"{namespace"}}, names: "spec.allow.paths[0]"},
		"UnopenedPlaceholder": {allow: v1alpha1.Allow{Paths: []string{"namespace}"}}, names: "spec.allow.paths[0]"},
		"NestedPlaceholder":   {allow: v1alpha1.Allow{Paths: []string{"{label:{namespace}}"}}, names: "spec.allow.paths[0]"},
		"UntrustedLabel":      {allow: v1alpha1.Allow{Paths: []string{"{label:team}"}}, names: "spec.allow.trustedLabels"},
		"InvalidLabelKey":     {allow: v1alpha1.Allow{TrustedLabels: []string{"ok", "a b"}}, names: "spec.allow.trustedLabels[1]"},
		"InvalidSelector": {allow: v1alpha1.Allow{Namespaces: &v1alpha1.NamespaceSelection{Selector: &metav1.LabelSelector{
			MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "env", Operator: "Near"}},
		}}}, names: "spec.allow.namespaces.selector"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			for _, namespace := range []string{"payments", ""} {
				_, err := backend.NewGuard(&tc.allow, namespace, map[string]string{"team": "red"})
				if !fault.Is(err, fault.InvalidSpec) || fault.ReasonOf(err) != backend.ReasonInvalidAllow {
					t.Fatalf("namespace %q: NewGuard = %v, want InvalidSpec InvalidAllow", namespace, err)
				}
				if !strings.Contains(err.Error(), tc.names) {
					t.Errorf("%q does not name %q", err, tc.names)
				}
			}
		})
	}
}

func TestGuardCheckSaysWhatIsAllowed(t *testing.T) {
	ref, err := backend.ParseRef("apps/billing/db", "3")
	if err != nil {
		t.Fatalf("ParseRef: %v", err)
	}
	cases := map[string]struct {
		allow v1alpha1.Allow
		names []string
	}{
		"NotServed": {allow: v1alpha1.Allow{Paths: []string{"**"}}, names: []string{"payments", "spec.allow.namespaces"}},
		"NoPaths":   {allow: v1alpha1.Allow{Namespaces: everywhere()}, names: []string{"apps/billing/db", "spec.allow.paths"}},
		"OtherPaths": {
			allow: v1alpha1.Allow{Namespaces: everywhere(), Paths: []string{"apps/{namespace}/**", "{label:team}/x"}, TrustedLabels: []string{"team"}},
			names: []string{"apps/billing/db", "apps/payments/**", "{label:team}/x", "lacks the label"},
		},
		"ManyPaths": {
			allow: v1alpha1.Allow{Namespaces: everywhere(), Paths: strings.Split(strings.Repeat("p,", 19)+"p", ",")},
			names: []string{"and 4 more"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			guard, err := backend.NewGuard(&tc.allow, "payments", nil)
			if err != nil {
				t.Fatalf("NewGuard: %v", err)
			}
			err = guard.Check(ref)
			if !fault.Is(err, fault.InvalidSpec) || fault.ReasonOf(err) != backend.ReasonNotAllowed {
				t.Fatalf("Check = %v, want InvalidSpec NotAllowed", err)
			}
			for _, part := range tc.names {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not name %q", err, part)
				}
			}
		})
	}
	if err := backend.AllowAll().Check(ref); err != nil {
		t.Errorf("AllowAll().Check = %v, want nil", err)
	}
}

// TestCheckOrigin: what comes from elsewhere is let through if a pattern allows that place
// and the value lies there.
func TestCheckOrigin(t *testing.T) {
	guard, err := backend.NewGuard(&v1alpha1.Allow{Namespaces: &v1alpha1.NamespaceSelection{}, Paths: []string{"apps/**"}}, "team", nil)
	if err != nil {
		t.Fatal(err)
	}
	ref, err := backend.ParseRef("apps/a", "")
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		from    backend.Origin
		allowed bool
	}{
		"Entry":     {allowed: true},
		"Allowed":   {from: backend.Origin{Path: "apps/b"}, allowed: true},
		"Closed":    {from: backend.Origin{Path: "db"}},
		"Root":      {from: backend.Origin{Path: backend.Root}},
		"Container": {from: backend.Origin{Container: "dev", Path: "apps/b"}},
		"Beyond":    {from: backend.Origin{Path: "apps/b", Beyond: true}},
	} {
		t.Run(name, func(t *testing.T) {
			err := guard.CheckOrigin(ref, "K", tc.from)
			if (err == nil) != tc.allowed || err != nil && fault.ReasonOf(err) != backend.ReasonNotAllowed {
				t.Errorf("want allowed %t, got %v", tc.allowed, err)
			}
			if err := backend.AllowAll().CheckOrigin(ref, "K", tc.from); err != nil {
				t.Errorf("want everything let through without a guard, got %v", err)
			}
		})
	}
}
