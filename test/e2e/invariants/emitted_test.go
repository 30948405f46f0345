// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package invariants

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
	process "github.com/secretsync/secretsync/test/operator"
)

// emitted gathers everything that anybody could read of an operator without a right to
// read Secrets: each text by the name of where it was found.
func emitted(t *testing.T, w *harness.Installed, p *process.Operator, metrics string, since time.Time) map[string]string {
	t.Helper()
	found := map[string]string{
		"the log":          file(t, p.LogFile()),
		"the command line": file(t, fmt.Sprintf("/proc/%d/cmdline", p.PID())),
		"the environment":  file(t, fmt.Sprintf("/proc/%d/environ", p.PID())),
		"/healthz":         page(t, "http://"+p.Health()+"/healthz?verbose=1"),
		"/readyz":          page(t, "http://"+p.Health()+"/readyz?verbose=1"),
		"/metrics":         page(t, "https://"+metrics+"/metrics"),
	}
	for name, list := range map[string]client.ObjectList{
		"the events":                &eventsv1.EventList{},
		"the SecretSyncs":           &v1alpha1.SecretSyncList{},
		"the SecretBackends":        &v1alpha1.SecretBackendList{},
		"the ClusterSecretBackends": &v1alpha1.ClusterSecretBackendList{},
		"the ConfigMaps":            &corev1.ConfigMapList{},
		"the leases":                &coordinationv1.LeaseList{},
		"the Pods":                  &corev1.PodList{},
	} {
		harness.Must(t, w.Client.List(t.Context(), list))
		found[name] = asJSON(t, list)
	}
	var secrets corev1.SecretList
	harness.Must(t, w.Client.List(t.Context(), &secrets))
	for i := range secrets.Items {
		found["the metadata of Secret "+client.ObjectKeyFromObject(&secrets.Items[i]).String()] = asJSON(t, secrets.Items[i].ObjectMeta)
	}
	for i, event := range requests(t, w, since) {
		where := fmt.Sprintf("request %d to the API server, %s %s", i, event.Verb, event.RequestURI)
		found[where] = event.RequestURI + event.UserAgent + public(t, event.RequestObject) + public(t, event.ResponseObject)
	}
	return found
}

// public returns a request's or an answer's body without what only readers of Secrets
// see: the data of a Secret, and the token that a TokenRequest is answered with.
func public(t *testing.T, body json.RawMessage) string {
	t.Helper()
	if len(body) == 0 {
		return ""
	}
	var object map[string]any
	if json.Unmarshal(body, &object) != nil {
		return string(body) // A JSON patch, which is a list.
	}
	strip := func(object map[string]any) {
		delete(object, "data")
		delete(object, "stringData")
	}
	switch object["kind"] {
	case "Secret":
		strip(object)
	case "SecretList":
		for _, item := range object["items"].([]any) { //nolint:forcetypeassert // a list has items
			strip(item.(map[string]any)) //nolint:forcetypeassert // items are objects
		}
	case "TokenRequest":
		if status, ok := object["status"].(map[string]any); ok {
			delete(status, "token")
		}
	}
	return asJSON(t, object)
}

// tokens returns the tokens that TokenRequests were answered with.
func tokens(t *testing.T, w *harness.Installed, since time.Time) []string {
	t.Helper()
	var found []string
	for _, event := range requests(t, w, since) {
		if about(event) != "serviceaccounts/token" {
			continue
		}
		var request struct {
			Status struct {
				Token string `json:"token"`
			} `json:"status"`
		}
		harness.Must(t, json.Unmarshal(event.ResponseObject, &request))
		if request.Status.Token != "" {
			found = append(found, request.Status.Token)
		}
	}
	return found
}

func asJSON(t *testing.T, object any) string {
	t.Helper()
	text, err := json.Marshal(object)
	harness.Must(t, err)
	return string(text)
}

func file(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name) //nolint:gosec // a file of this test
	harness.Must(t, err)
	return string(text)
}

// page returns what an endpoint of the operator says; it must be something.
func page(t *testing.T, url string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	harness.Must(t, err)
	anybody := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // it signs for itself
	}}
	response, err := anybody.Do(request)
	harness.Must(t, err)
	defer response.Body.Close() //nolint:errcheck // Only read.
	text, err := io.ReadAll(response.Body)
	harness.Must(t, err)
	if response.StatusCode != http.StatusOK || len(text) == 0 {
		t.Fatalf("%s answers %s with %d bytes", url, response.Status, len(text))
	}
	return string(text)
}
