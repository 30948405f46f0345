// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"encoding/json"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/secretsync/secretsync/pkg/operator"
	"github.com/secretsync/secretsync/test/manifests"
	process "github.com/secretsync/secretsync/test/operator"
)

const namespace = "platform"

func render(t *testing.T, values map[string]any) *manifests.Chart {
	t.Helper()
	chart, err := manifests.RenderChart(t.Context(), namespace, values)
	if err != nil {
		t.Fatal(err)
	}
	return chart
}

func repositoryFile(t *testing.T, name string) []byte {
	t.Helper()
	text, err := manifests.File(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func definitions(objects []*unstructured.Unstructured) map[string]*unstructured.Unstructured {
	found := map[string]*unstructured.Unstructured{}
	for _, object := range objects {
		if object.GetKind() == "CustomResourceDefinition" {
			found[object.GetName()] = object
		}
	}
	return found
}

func TestDefinitionsAreThoseOfTheProject(t *testing.T) {
	rendered := definitions(render(t, nil).Objects)
	plurals := []string{"secretsyncs", "clustersecretsyncs", "secretbackends", "clustersecretbackends"}
	for _, plural := range plurals {
		var want map[string]any
		if err := yaml.Unmarshal(repositoryFile(t, "crds/secretsync.io_"+plural+".yaml"), &want); err != nil {
			t.Fatal(err)
		}
		got := rendered[plural+".secretsync.io"]
		if got == nil {
			t.Errorf("want %s in the chart", plural)
			continue
		}
		if diff := cmp.Diff(want["spec"], got.Object["spec"]); diff != "" {
			t.Errorf("%s (-crds +chart):\n%s", plural, diff)
		}
		if policy := got.GetAnnotations()["helm.sh/resource-policy"]; policy != "keep" {
			t.Errorf("%s: want it kept when the chart goes, got policy %q", plural, policy)
		}
	}
	if len(rendered) != len(plurals) {
		t.Errorf("want %d definitions, got %d", len(plurals), len(rendered))
	}
}

func TestDefinitionsCanBeLeftOut(t *testing.T) {
	chart := render(t, map[string]any{"crds": map[string]any{"install": false}})
	if left := definitions(chart.Objects); len(left) > 0 {
		t.Errorf("want no definition, got %d", len(left))
	}
}

// TestFlagsReachTheOperator parses the rendered command line as the operator does.
func TestFlagsReachTheOperator(t *testing.T) {
	chart := render(t, map[string]any{"flags": map[string]any{
		"log-level": "debug", "workers": 40, "allow-http-backends": true, "lease-duration": "1m",
		"allowed-backend-cidrs": []string{"127.0.0.0/8", "::1/128"},
	}})
	o := parsed(t, chart)
	if o.Namespace != namespace || o.LogLevel != "debug" || o.Workers != 40 || !o.AllowHTTP || o.LeaseDuration.Minutes() != 1 ||
		!slices.Equal(o.AllowedCIDRs, []string{"127.0.0.0/8", "::1/128"}) {
		t.Errorf("want the values in the options, got %+v", o)
	}
	if !o.LeaderElect {
		t.Error("want replicas to elect a leader")
	}
}

// parsed returns the options that the operator makes of the rendered command line.
func parsed(t *testing.T, chart *manifests.Chart) operator.Options {
	t.Helper()
	args, env, err := chart.CommandLine()
	if err != nil {
		t.Fatal(err)
	}
	lookup := func(name string) (string, bool) {
		at := slices.IndexFunc(env, func(pair string) bool { return strings.HasPrefix(pair, name+"=") })
		if at < 0 {
			return "", false
		}
		return strings.TrimPrefix(env[at], name+"="), true
	}
	o, err := operator.ParseOptions(args, lookup)
	if err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	return o
}

// TestEveryFlagIsAValueOrTheChartsOwn keeps the schema in step with the operator.
func TestEveryFlagIsAValueOrTheChartsOwn(t *testing.T) {
	own := map[string]string{
		"namespace":             "the release's, from the Pod",
		"kubeconfig":            "a Pod has a ServiceAccount",
		"leader-elect":          "replicas need it",
		"metrics-address":       "follows from metrics",
		"metrics-auth":          "follows from metrics and scope",
		"metrics-cert-dir":      "follows from metrics.certSecret",
		"metrics-client-ca":     "follows from metrics.clientCASecret",
		"metrics-per-object":    "follows from metrics.perObject",
		"namespaces":            "follows from scope.namespaces, as the roles do",
		"restarts":              "follows from restarts, as the roles do",
		"cluster-secret-syncs":  "follows from clusterSecretSyncs, as the roles do",
		"trust-rollback-by":     "follows from admissionPolicies, which make it true",
		"health-address":        "the probes know it",
		"shutdown-timeout":      "must end before the Pod's grace period",
		"auth-service-accounts": "follows from authServiceAccount, as the roles do",
	}
	var schema struct {
		Properties struct {
			Flags struct {
				Properties map[string]any `json:"properties"`
			} `json:"flags"`
		} `json:"properties"`
	}
	if err := json.Unmarshal(repositoryFile(t, "helm/secretsync/values.schema.json"), &schema); err != nil {
		t.Fatal(err)
	}
	values := schema.Properties.Flags.Properties
	flags := flagsOfTheOperator(t)
	for _, flag := range flags {
		_, value := values[flag]
		if _, charts := own[flag]; value == charts {
			t.Errorf("flag %q must be either in the chart's schema or the chart's own, with a reason", flag)
		}
	}
	for flag := range values {
		if !slices.Contains(flags, flag) {
			t.Errorf("the schema has flag %q, the operator has not", flag)
		}
	}
}

func flagsOfTheOperator(t *testing.T) []string {
	t.Helper()
	binary, err := process.Build(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	help, err := exec.CommandContext(t.Context(), binary, "--help").CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	var flags []string
	for _, match := range regexp.MustCompile(`(?m)^ +--([a-z-]+)`).FindAllStringSubmatch(string(help), -1) {
		flags = append(flags, match[1])
	}
	if len(flags) == 0 {
		t.Fatalf("no flags in %q", help)
	}
	return flags
}

func TestRefusedValues(t *testing.T) {
	flags := func(name string, value any) map[string]any {
		return map[string]any{"flags": map[string]any{name: value}}
	}
	image := func(name string, value any) map[string]any {
		return map[string]any{"image": map[string]any{name: value}}
	}
	cases := map[string]struct {
		values map[string]any
		want   string // in the error, so that one sees which value
	}{
		"UnknownValue":       {values: map[string]any{"replica": 2}, want: "replica"},
		"UnknownFlag":        {values: flags("loglevel", "debug"), want: "loglevel"},
		"ChartsOwnFlag":      {values: flags("namespace", "other"), want: "namespace"},
		"WrongLogLevel":      {values: flags("log-level", "trace"), want: "log-level"},
		"WorkersAsText":      {values: flags("workers", "many"), want: "workers"},
		"DurationWithout":    {values: flags("lease-duration", 15), want: "lease-duration"},
		"AddressWithoutMask": {values: flags("allowed-backend-cidrs", []string{"10.0.0.1"}), want: "allowed-backend-cidrs"},
		"ShortDigest":        {values: image("digest", "sha256:1234"), want: "digest"},
		"NoRepository":       {values: image("repository", ""), want: "repository"},
		"NegativeReplicas":   {values: map[string]any{"replicas": -1}, want: "replicas"},
		"LabelOfTheSelector": {values: values{"podLabels": values{"app.kubernetes.io/name": "x"}}, want: "podLabels"},
		"NoNamespace":        {values: values{"scope": values{"namespaces": []string{"A_b"}}}, want: "namespaces"},
		"ScopedBackend": {
			values: values{"scope": values{"namespaces": []string{"a"}}, "defaultBackend": values{"enabled": true}}, want: "defaultBackend",
		},
		"UnnamedReference": {
			values: values{"defaultBackend": values{"enabled": true, "spec": values{"vault": values{"auth": values{"token": values{"secretRef": values{"key": "t"}}}}}}},
			want:   "credentials",
		},
		"ScopedFanOut":     {values: values{"scope": values{"namespaces": []string{"a"}}, "clusterSecretSyncs": values{"enabled": true}}, want: "clusterSecretSyncs"},
		"TwoCredentials":   {values: values{"credentials": values{"existingSecret": "a", "create": values{"b": "c"}}}, want: "credentials"},
		"CredentialKey":    {values: values{"credentials": values{"create": values{"b/c": "d"}}}, want: "b/c"},
		"UnknownAuth":      {values: metrics(values{"auth": "None"}), want: "auth"},
		"NoClientCA":       {values: metrics(values{"auth": "ClientCertificate"}), want: "clientCASecret"},
		"NothingToMonitor": {values: metrics(values{"enabled": false, "serviceMonitor": values{"enabled": true}}), want: "serviceMonitor"},
		"Port":             {values: values{"networkPolicy": values{"backends": values{"ports": []int{0}}}}, want: "ports"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := manifests.RenderChart(t.Context(), namespace, tc.values)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("want an error that names %q, got %v", tc.want, err)
			}
		})
	}
}

func TestImage(t *testing.T) {
	digest := "sha256:" + strings.Repeat("0a", 32)
	cases := map[string]struct {
		image map[string]any
		want  string
	}{
		"Default":   {image: map[string]any{}, want: "secretsync:0.1.0"},
		"Tag":       {image: map[string]any{"repository": "corp/secretsync", "tag": "v9"}, want: "corp/secretsync:v9"},
		"DigestToo": {image: map[string]any{"tag": "v9", "digest": digest}, want: "secretsync@" + digest},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			pod, err := render(t, map[string]any{"image": tc.image}).Pod()
			if err != nil {
				t.Fatal(err)
			}
			if got := pod.Containers[0].Image; got != tc.want {
				t.Errorf("want %q, got %q", tc.want, got)
			}
		})
	}
}
