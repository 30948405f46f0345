// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/manifests"
)

// values are values of the chart.
type values = map[string]any

// object returns the object of that kind and name, nil if there is none.
func object(chart *manifests.Chart, kind, name string) *unstructured.Unstructured {
	at := slices.IndexFunc(chart.Objects, func(o *unstructured.Unstructured) bool { return o.GetKind() == kind && o.GetName() == name })
	if at < 0 {
		return nil
	}
	return chart.Objects[at]
}

// typed returns an object that the chart must have, as what it is.
func typed[T any](t *testing.T, chart *manifests.Chart, kind, name string) *T {
	t.Helper()
	found := object(chart, kind, name)
	if found == nil {
		t.Fatalf("want %s %q in the chart", kind, name)
	}
	var result T
	if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(found.Object, &result, true); err != nil {
		t.Fatalf("%s %q: %v", kind, name, err)
	}
	return &result
}

func deployment(t *testing.T, v values) *appsv1.Deployment {
	t.Helper()
	return typed[appsv1.Deployment](t, render(t, v), "Deployment", "secretsync")
}

// at returns what lies at a path in an object; nil if nothing does.
func at(o *unstructured.Unstructured, path ...string) any {
	found, _, _ := unstructured.NestedFieldNoCopy(o.Object, path...)
	return found
}

func metrics(v values) values { return values{"metrics": v} }

func TestMetricsEndpoint(t *testing.T) {
	scope := func(reviews bool, m values) values {
		return values{"scope": values{"namespaces": []string{"a"}, "clusterReviews": reviews}, "metrics": m}
	}
	clients := values{"auth": "ClientCertificate", "clientCASecret": "ca"}
	cases := map[string]struct {
		reason  string
		values  values
		args    []string
		port    bool // whether it can be reached
		reviews string
	}{
		"Default": {args: []string{"--metrics-address=:8443"}, port: true, reviews: "secretsync-reviews"},
		"Off":     {values: metrics(values{"enabled": false}), args: []string{"--metrics-address=0"}},
		"ClientCertificate": {
			values: metrics(clients), port: true,
			args: []string{"--metrics-address=:8443", "--metrics-auth=ClientCertificate", "--metrics-client-ca=/var/run/secretsync/metrics-client-ca/ca.crt"},
		},
		"OwnCertificate": {
			values: metrics(values{"certSecret": "tls"}), port: true, reviews: "secretsync-reviews",
			args: []string{"--metrics-address=:8443", "--metrics-cert-dir=/var/run/secretsync/metrics-cert"},
		},
		"Fleet": {
			values: metrics(values{"perObject": false}), port: true, reviews: "secretsync-reviews",
			args: []string{"--metrics-address=:8443", "--metrics-per-object=false"},
		},
		"Scoped": {
			reason: "without a ClusterRole nobody can be asked who may read", values: scope(false, values{}),
			args: []string{"--metrics-address=127.0.0.1:8443", "--metrics-auth=None"},
		},
		"ScopedWithReviews": {
			values: scope(true, values{}), args: []string{"--metrics-address=:8443"},
			port: true, reviews: "secretsync-reviews-" + namespace,
		},
		"ScopedWithClientCertificate": {
			values: scope(false, clients), port: true,
			args: []string{"--metrics-address=:8443", "--metrics-auth=ClientCertificate", "--metrics-client-ca=/var/run/secretsync/metrics-client-ca/ca.crt"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			chart := render(t, tc.values)
			pod, err := chart.Pod()
			if err != nil {
				t.Fatal(err)
			}
			operator := pod.Containers[0]
			others := func(arg string) bool { return !strings.HasPrefix(arg, "--metrics-") }
			if diff := cmp.Diff(tc.args, slices.DeleteFunc(slices.Clone(operator.Args), others)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
			hasPort := slices.ContainsFunc(operator.Ports, func(p corev1.ContainerPort) bool { return p.Name == "metrics" && p.ContainerPort == 8443 })
			if service := object(chart, "Service", "secretsync-metrics"); hasPort != tc.port || (service != nil) != tc.port {
				t.Errorf("want a port and a Service: %t, got %t and %v", tc.port, hasPort, service)
			}
			for _, o := range chart.Objects {
				if o.GetKind() == "ClusterRole" && strings.Contains(o.GetName(), "reviews") && o.GetName() != tc.reviews {
					t.Errorf("want reviews by %q, got %s", tc.reviews, o.GetName())
				}
			}
			if tc.reviews != "" && object(chart, "ClusterRole", tc.reviews) == nil {
				t.Errorf("want ClusterRole %s", tc.reviews)
			}
			wantMounts(t, pod)
			_ = parsed(t, chart)
		})
	}
}

// wantMounts: each file that a flag names lies in a volume that is mounted.
func wantMounts(t *testing.T, pod corev1.PodSpec) {
	t.Helper()
	var mounted, volumes []string
	for _, mount := range pod.Containers[0].VolumeMounts {
		mounted = append(mounted, mount.MountPath)
		volumes = append(volumes, mount.Name)
	}
	for _, arg := range pod.Containers[0].Args {
		_, path, _ := strings.Cut(arg, "=")
		if strings.HasPrefix(path, "/") && !slices.ContainsFunc(mounted, func(m string) bool { return path == m || strings.HasPrefix(path, m+"/") }) {
			t.Errorf("%s: only %v are mounted", arg, mounted)
		}
	}
	for _, volume := range pod.Volumes {
		if !slices.Contains(volumes, volume.Name) || volume.Secret == nil {
			t.Errorf("want volume %q mounted and of a Secret", volume.Name)
		}
	}
}

func TestServiceMonitor(t *testing.T) {
	ca := values{"ca": values{"secret": values{"name": "tls", "key": "ca.crt"}}, "serverName": "x"}
	for name, tc := range map[string]struct {
		monitor values
		tls     any
	}{
		"Default":  {monitor: values{"enabled": true, "labels": values{"release": "x"}}, tls: values{"insecureSkipVerify": true}},
		"Verified": {monitor: values{"enabled": true, "tlsConfig": ca}, tls: ca},
	} {
		t.Run(name, func(t *testing.T) {
			chart := render(t, metrics(values{"serviceMonitor": tc.monitor}))
			monitor, service := object(chart, "ServiceMonitor", "secretsync"), typed[corev1.Service](t, chart, "Service", "secretsync-metrics")
			if monitor == nil {
				t.Fatal("want a ServiceMonitor")
			}
			selected, _, _ := unstructured.NestedStringMap(monitor.Object, "spec", "selector", "matchLabels")
			for label, value := range selected {
				if service.Labels[label] != value {
					t.Errorf("the Service has not the label %s=%s", label, value)
				}
			}
			endpoint := at(monitor, "spec", "endpoints").([]any)[0].(map[string]any)
			want := values{
				"port": service.Spec.Ports[0].Name, "scheme": "https", "path": "/metrics", "interval": "30s", "scrapeTimeout": "10s", "honorLabels": true,
				"bearerTokenFile": "/var/run/secrets/kubernetes.io/serviceaccount/token", "tlsConfig": tc.tls,
			}
			if diff := cmp.Diff(want, endpoint); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if object(render(t, nil), "ServiceMonitor", "secretsync") != nil {
		t.Error("want none by default: the cluster may not know the kind")
	}
}

func TestSpreadAndDisruption(t *testing.T) {
	d := deployment(t, nil)
	own := d.Spec.Selector
	if s := d.Spec.Template.Spec.TopologySpreadConstraints; len(s) != 1 || !cmp.Equal(s[0].LabelSelector, own) {
		t.Errorf("want the Pods of this Deployment spread, got %+v", s)
	}
	budget := typed[policyv1.PodDisruptionBudget](t, render(t, nil), "PodDisruptionBudget", "secretsync")
	if diff := cmp.Diff(own, budget.Spec.Selector); diff != "" || budget.Spec.MaxUnavailable.IntValue() != 1 {
		t.Errorf("want one Pod evicted at once, got %+v", budget.Spec)
	}
	if object(render(t, values{"replicas": 1}), "PodDisruptionBudget", "secretsync") != nil {
		t.Error("want none for one Pod: no node could be drained")
	}
	other := values{"maxSkew": 2, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule", "labelSelector": values{"matchLabels": values{"a": "b"}}}
	d = deployment(t, values{"topologySpreadConstraints": []any{other}})
	want := []corev1.TopologySpreadConstraint{{MaxSkew: 2, TopologyKey: "zone", WhenUnsatisfiable: "DoNotSchedule"}}
	got := d.Spec.Template.Spec.TopologySpreadConstraints
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(corev1.TopologySpreadConstraint{}, "LabelSelector")); diff != "" || got[0].LabelSelector.MatchLabels["a"] != "b" {
		t.Errorf("want the selector that was given, got %+v", got)
	}
}

func TestPodsCarryWhatIsGiven(t *testing.T) {
	d := deployment(t, values{"podLabels": values{"team": "x"}, "podAnnotations": values{"note": "y"}, "priorityClassName": "high"})
	pods := d.Spec.Template
	if pods.Labels["team"] != "x" || pods.Annotations["note"] != "y" || pods.Spec.PriorityClassName != "high" {
		t.Errorf("got %v, %v, %q", pods.Labels, pods.Annotations, pods.Spec.PriorityClassName)
	}
	for label, value := range d.Spec.Selector.MatchLabels {
		if pods.Labels[label] != value {
			t.Errorf("the Deployment does not find its Pods by %s", label)
		}
	}
}

func TestNetworkPolicy(t *testing.T) {
	cidr := values{"ipBlock": values{"cidr": "10.0.0.1/32"}}
	enabled := values{"networkPolicy": values{"enabled": true, "backends": values{"to": []any{cidr}, "ports": []int{8200}}}}
	policy := typed[networkingv1.NetworkPolicy](t, render(t, enabled), "NetworkPolicy", "secretsync").Spec
	var ports []int
	for _, rule := range policy.Egress {
		for _, port := range rule.Ports {
			ports = append(ports, port.Port.IntValue())
		}
	}
	if diff := cmp.Diff([]int{53, 53, 443, 6443, 8200}, ports); diff != "" {
		t.Errorf("the ways out (-want +got):\n%s", diff)
	}
	if last := policy.Egress[len(policy.Egress)-1]; len(last.To) != 1 || last.To[0].IPBlock.CIDR != "10.0.0.1/32" {
		t.Errorf("want the backends' address, got %+v", last.To)
	}
	if len(policy.PolicyTypes) != 2 || len(policy.Ingress) != 1 || policy.Ingress[0].Ports[0].Port.String() != "metrics" ||
		policy.Ingress[0].From[0].NamespaceSelector.MatchLabels[corev1.LabelMetadataName] != "monitoring" {
		t.Errorf("want metrics read from the namespace monitoring alone, got %+v", policy.Ingress)
	}
	enabled["metrics"] = values{"enabled": false}
	if policy := typed[networkingv1.NetworkPolicy](t, render(t, enabled), "NetworkPolicy", "secretsync").Spec; len(policy.Ingress) > 0 {
		t.Errorf("want nobody let in, got %+v", policy.Ingress)
	}
	if object(render(t, nil), "NetworkPolicy", "secretsync") != nil {
		t.Error("want none by default")
	}
}

// TestDefaultBackend: a reference without a name is to the Secret of credentials.
func TestDefaultBackend(t *testing.T) {
	spec := values{"vault": values{"address": "https://x", "auth": values{"appRole": values{"roleID": "r", "secretIDRef": values{"key": "k"}}}}}
	backend := values{"enabled": true, "name": "vault", "spec": spec}
	for name, tc := range map[string]struct {
		credentials values
		want        string
	}{
		"Existing": {credentials: values{"existingSecret": "mine"}, want: "mine"},
		"Created":  {credentials: values{"create": values{"k": "v"}}, want: "secretsync-credentials"},
	} {
		t.Run(name, func(t *testing.T) {
			chart := render(t, values{"defaultBackend": backend, "credentials": tc.credentials})
			got := typed[v1alpha1.ClusterSecretBackend](t, chart, v1alpha1.KindClusterSecretBackend, "vault")
			if ref := got.Spec.Vault.Auth.AppRole.SecretIDRef; ref.Name != tc.want || ref.Key != "k" {
				t.Errorf("want a reference to %q, got %+v", tc.want, ref)
			}
			if a := got.Annotations; a["helm.sh/hook"] != "post-install,post-upgrade" || a["helm.sh/resource-policy"] != "keep" || a[v1alpha1.AnnotationDefaultBackend] != "true" {
				t.Errorf("want a default that is installed last and kept, got %v", a)
			}
			secret := object(chart, "Secret", "secretsync-credentials")
			if (secret != nil) != (name == "Created") {
				t.Errorf("want a Secret only where values are given, got %v", secret)
			}
			if secret != nil && secret.GetLabels()[v1alpha1.LabelCredential] != "true" {
				t.Error("the operator does not read a Secret without the label")
			}
		})
	}
	backend["hook"] = false
	chart := render(t, values{"defaultBackend": backend, "credentials": values{"existingSecret": "mine"}})
	if a := object(chart, v1alpha1.KindClusterSecretBackend, "vault").GetAnnotations(); a["helm.sh/hook"] != "" || a["helm.sh/resource-policy"] != "keep" {
		t.Errorf("want an object like any other, got %v", a)
	}
}

// TestDefaultInfisical: the same holds of every reference of an Infisical.
func TestDefaultInfisical(t *testing.T) {
	spec := values{"infisical": values{"address": "https://x", "projectID": "p", "environment": "prod", "auth": values{"universal": values{
		"clientIDRef": values{"key": "id"}, "clientSecretRef": values{"key": "secret", "name": "other"},
	}}}}
	chart := render(t, values{
		"defaultBackend": values{"enabled": true, "name": "infisical", "spec": spec},
		"credentials":    values{"existingSecret": "mine"},
	})
	got := typed[v1alpha1.ClusterSecretBackend](t, chart, v1alpha1.KindClusterSecretBackend, "infisical").Spec.Infisical.Auth.Universal
	if got.ClientIDRef.Name != "mine" || got.ClientSecretRef.Name != "other" {
		t.Errorf("want the name filled in where there is none, got %+v", got)
	}
}

// TestScope: the flag and the roles speak of the same namespaces, and of the policies' names
// there may be several.
func TestScope(t *testing.T) {
	chart := render(t, values{"scope": values{"namespaces": []string{"a", "b"}}, "admissionPolicies": values{"enabled": true}})
	if o := parsed(t, chart); !slices.Equal(o.Namespaces, []string{"a", "b"}) || !o.TrustRollbackBy {
		t.Errorf("want the namespaces served and the stamp believed, got %+v", o)
	}
	var bound []string
	for _, o := range chart.Objects {
		if o.GetKind() == "RoleBinding" {
			bound = append(bound, o.GetNamespace())
		}
		cluster := o.GetNamespace() == "" && o.GetKind() != "CustomResourceDefinition"
		if cluster && !strings.HasSuffix(o.GetName(), "-"+namespace) {
			t.Errorf("a second installation fails on %s %q", o.GetKind(), o.GetName())
		}
		if o.GetKind() == "ClusterRoleBinding" {
			t.Errorf("want no right in the whole cluster, got %s", o.GetName())
		}
	}
	slices.Sort(bound)
	if !slices.Equal(bound, []string{"a", "b", namespace}) {
		t.Errorf("want Roles in the namespaces served and the operator's own, got %v", bound)
	}
	for _, kind := range []string{"MutatingAdmissionPolicy", "ValidatingAdmissionPolicy"} {
		policy := object(chart, kind, "secretsync-rollback-"+namespace)
		if policy == nil {
			t.Fatalf("want a %s", kind)
		}
		want := []any{values{"key": "kubernetes.io/metadata.name", "operator": "In", "values": []any{"a", "b"}}}
		if diff := cmp.Diff(want, at(policy, "spec", "matchConstraints", "namespaceSelector", "matchExpressions")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", kind, diff)
		}
	}
}

func TestContainmentCanBeLeftOut(t *testing.T) {
	const name = "secretsync-containment-" + namespace
	if object(render(t, nil), "ValidatingAdmissionPolicy", name) == nil {
		t.Error("want it by default")
	}
	if object(render(t, values{"containment": values{"enabled": false}}), "ValidatingAdmissionPolicy", name) != nil {
		t.Error("want none for who may not install one")
	}
}

// TestOnlyTheNamedAccount: flag, role and ServiceAccount speak of the same one.
func TestOnlyTheNamedAccount(t *testing.T) {
	chart := render(t, values{"authServiceAccount": values{"name": "reader", "annotations": values{"a": "b"}}})
	args, _, err := chart.CommandLine()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(args, "--auth-service-accounts=reader") {
		t.Errorf("got %v", args)
	}
	if account := object(chart, "ServiceAccount", "reader"); account == nil || account.GetAnnotations()["a"] != "b" {
		t.Errorf("got %v", account)
	}
	rules := at(object(chart, "ClusterRole", "secretsync"), "rules").([]any)
	if !slices.ContainsFunc(rules, func(rule any) bool { return cmp.Equal(rule.(map[string]any)["resourceNames"], []any{"reader"}) }) {
		t.Errorf("no rule names it: %v", rules)
	}
}
