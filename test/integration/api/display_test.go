// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/discovery"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

func (s *server) discovery(t *testing.T) *discovery.DiscoveryClient {
	t.Helper()
	d, err := discovery.NewDiscoveryClientForConfig(s.config)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// typedClient returns a client that knows the Go types.
func (s *server) typedClient(t *testing.T) client.Client {
	t.Helper()
	if err := v1alpha1.AddToScheme(s.client.Scheme()); err != nil {
		t.Fatal(err)
	}
	return s.client
}

func (s *server) testColumns(t *testing.T) {
	c := s.typedClient(t)
	when := metav1.NewTime(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	conditions := []metav1.Condition{
		{Type: v1alpha1.ConditionReady, Status: metav1.ConditionTrue, Reason: "Synced", LastTransitionTime: when},
		{Type: v1alpha1.ConditionReachable, Status: metav1.ConditionFalse, Reason: "Sealed", LastTransitionTime: when},
	}
	vault := v1alpha1.BackendSpec{Vault: &v1alpha1.VaultBackend{
		Address: "https://vault.corp:8200",
		Auth:    v1alpha1.VaultAuth{Token: &v1alpha1.VaultTokenAuth{SecretRef: v1alpha1.SecretKeyRef{Name: "vault", Key: "token"}}},
	}}
	meta := metav1.ObjectMeta{Name: "columns", Namespace: "default"}
	cases := map[string]struct {
		object client.Object
		status func(client.Object)
		path   string
		want   map[string]any
	}{
		"SecretSync": {
			object: &v1alpha1.SecretSync{ObjectMeta: meta, Spec: v1alpha1.SecretSyncSpec{
				BackendRef: &v1alpha1.BackendRef{Kind: "SecretBackend", Name: "vault"},
				DataFrom:   []v1alpha1.DataFrom{{Entry: &v1alpha1.EntrySource{Path: "app"}}},
			}},
			status: func(o client.Object) {
				o.(*v1alpha1.SecretSync).Status = v1alpha1.SecretSyncStatus{
					Conditions: conditions, ServingRevision: 3, NewestRevision: 6,
					Rollback: &v1alpha1.RollbackStatus{Requested: "previous", Since: when},
				}
			},
			path: "namespaces/default/secretsyncs",
			want: map[string]any{
				"Name": "columns", "Ready": "True", "Reason": "Synced", "Serving": 3.0, "Newest": 6.0,
				"Held": "previous", "Backend": "vault", "Age": "",
			},
		},
		"SecretBackend": {
			object: &v1alpha1.SecretBackend{ObjectMeta: meta, Spec: vault},
			status: func(o client.Object) { o.(*v1alpha1.SecretBackend).Status.Conditions = conditions },
			path:   "namespaces/default/secretbackends",
			want:   map[string]any{"Name": "columns", "Ready": "True", "Reason": "Synced", "Reachable": "False", "Age": ""},
		},
		"ClusterSecretBackend": {
			object: &v1alpha1.ClusterSecretBackend{ObjectMeta: metav1.ObjectMeta{Name: "columns"}, Spec: v1alpha1.ClusterBackendSpec{BackendSpec: vault}},
			status: func(o client.Object) { o.(*v1alpha1.ClusterSecretBackend).Status.Conditions = conditions },
			path:   "clustersecretbackends",
			want:   map[string]any{"Name": "columns", "Ready": "True", "Reason": "Synced", "Reachable": "False", "Age": ""},
		},
		"ClusterSecretSync": {
			object: &v1alpha1.ClusterSecretSync{ObjectMeta: metav1.ObjectMeta{Name: "columns"}, Spec: v1alpha1.ClusterSecretSyncSpec{
				Rollout: v1alpha1.Rollout{Pause: new(true)},
				SecretSync: v1alpha1.SecretSyncTemplate{Spec: v1alpha1.SecretSyncSpec{
					DataFrom: []v1alpha1.DataFrom{{Entry: &v1alpha1.EntrySource{Path: "app"}}},
				}},
			}},
			status: func(o client.Object) {
				o.(*v1alpha1.ClusterSecretSync).Status = v1alpha1.ClusterSecretSyncStatus{
					Conditions: conditions, Namespaces: &v1alpha1.NamespaceCounts{
						Selected: new(int32(3)), Created: new(int32(3)), Updated: new(int32(3)), Ready: new(int32(3)), Failed: new(int32(0)),
					},
				}
			},
			path: "clustersecretsyncs",
			want: map[string]any{"Name": "columns", "Namespaces": 3.0, "Ready": 3.0, "Failed": 0.0, "Reason": "Synced", "Paused": true, "Age": ""},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if err := c.Create(t.Context(), tc.object); err != nil {
				t.Fatalf("creating: %v", err)
			}
			tc.status(tc.object)
			if err := c.Status().Update(t.Context(), tc.object); err != nil {
				t.Fatalf("updating the status: %v", err)
			}
			got := s.row(t, tc.path+"/columns")
			got["Age"] = "" // it moves
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// row returns the cells that kubectl get shows by default.
func (s *server) row(t *testing.T, path string) map[string]any {
	t.Helper()
	text, err := s.discovery(t).RESTClient().Get().AbsPath("/apis/"+v1alpha1.GroupVersion.String()+"/"+path).
		SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io").Do(t.Context()).Raw()
	if err != nil {
		t.Fatalf("getting the table: %v", err)
	}
	var table metav1.Table
	if err := json.Unmarshal(text, &table); err != nil || len(table.Rows) != 1 {
		t.Fatalf("got %d rows, error %v: %s", len(table.Rows), err, text)
	}
	cells := map[string]any{}
	for i, column := range table.ColumnDefinitions {
		if column.Priority == 0 {
			cells[column.Name] = table.Rows[0].Cells[i]
		}
	}
	return cells
}

func (s *server) testNames(t *testing.T) {
	list, err := s.discovery(t).ServerResourcesForGroupVersion(v1alpha1.GroupVersion.String())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, resource := range list.APIResources {
		got[resource.Name] = slices.Concat(resource.ShortNames, resource.Categories)
	}
	want := map[string][]string{
		"secretsyncs": {"ssync", "secretsync"}, "secretsyncs/status": nil,
		"secretbackends": {"sb", "secretsync"}, "secretbackends/status": nil,
		"clustersecretbackends": {"csb", "secretsync"}, "clustersecretbackends/status": nil,
		"clustersecretsyncs": {"cssync", "secretsync"}, "clustersecretsyncs/status": nil,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("names that kubectl takes (-want +got):\n%s", diff)
	}
}

// openAPI is as much of an OpenAPI schema as kubectl explain shows.
type openAPI struct {
	Description          string             `json:"description"`
	Properties           map[string]openAPI `json:"properties"`
	Items                *openAPI           `json:"items"`
	AdditionalProperties *openAPI           `json:"additionalProperties"`
}

// undocumented lists the fields without a description.
func (o openAPI) undocumented(field string) []string {
	var found []string
	for name, property := range o.Properties {
		at := join(field, name)
		if property.Description == "" {
			found = append(found, at)
		}
		found = append(found, property.undocumented(at)...)
	}
	if o.Items != nil {
		found = append(found, o.Items.undocumented(field)...)
	}
	return found
}

// testExplain reads what kubectl explain reads: the server's OpenAPI.
func (s *server) testExplain(t *testing.T) {
	paths, err := s.discovery(t).OpenAPIV3().Paths()
	if err != nil {
		t.Fatal(err)
	}
	text, err := paths["apis/"+v1alpha1.GroupVersion.String()].Schema("application/json")
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Components struct {
			Schemas map[string]openAPI `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"SecretSync", "SecretBackend", "ClusterSecretBackend"} {
		published := document.Components.Schemas["io.secretsync.v1alpha1."+kind]
		if published.Description == "" {
			t.Errorf("kubectl explain has nothing to say of %s", kind)
		}
		for _, member := range []string{"spec", "status"} {
			if len(published.Properties[member].Properties) == 0 {
				t.Errorf("kubectl explain knows no field of %s.%s", kind, member)
			}
			for _, field := range published.Properties[member].undocumented(member) {
				t.Errorf("kubectl explain has nothing to say of %s.%s", kind, field)
			}
		}
	}
}
