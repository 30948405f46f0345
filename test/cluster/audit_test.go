// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

func TestAuditTellsWhoDidWhat(t *testing.T) {
	c := shared.Get(t)
	namespace := newNamespace(t, c)
	config := c.Config()
	config.UserAgent = "auditor/1"
	k, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.CoreV1().Secrets(namespace).Create(t.Context(), &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "written"}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := k.CoreV1().Secrets(namespace).Get(t.Context(), "absent", metav1.GetOptions{}); err == nil {
		t.Fatal("an absent object is found")
	}

	var created, read *AuditEvent
	await(t, "both requests are in the log", func() bool {
		created, read = nil, nil
		for event, err := range ReadAudit(c.AuditLogPath()) {
			if err != nil {
				t.Fatal(err)
			}
			if event.UserAgent != "auditor/1" || event.ObjectRef == nil || event.ObjectRef.Namespace != namespace {
				continue
			}
			switch event.Verb {
			case "create":
				created = &event
			case "get":
				read = &event
			}
		}
		return created != nil && read != nil
	})
	if created.ObjectRef.Resource != "secrets" || created.ObjectRef.Name != "written" || created.ResponseStatus.Code != 201 {
		t.Errorf("the creation is recorded as %+v, status %d", created.ObjectRef, created.ResponseStatus.Code)
	}
	if len(created.RequestObject) == 0 || len(created.ResponseObject) <= len(created.RequestObject) {
		t.Errorf("the creation is recorded with bodies of %d and %d bytes", len(created.RequestObject), len(created.ResponseObject))
	}
	if read.ObjectRef.Name != "absent" || read.ResponseStatus.Code != 404 || created.At.Before(created.ReceivedAt) {
		t.Errorf("the read is recorded as %+v, status %d", read.ObjectRef, read.ResponseStatus.Code)
	}
}

func TestReadAudit(t *testing.T) {
	cases := map[string]struct {
		reason string
		log    string
		verbs  []string
		fails  bool
	}{
		"Empty":   {reason: "a log without entries is no failure"},
		"Whole":   {reason: "in the order of the file", log: `{"verb":"get"}` + "\n" + `{"verb":"create"}` + "\n", verbs: []string{"get", "create"}},
		"Growing": {reason: "a line still being written is left for later", log: `{"verb":"get"}` + "\n" + `{"ver`, verbs: []string{"get"}},
		"Broken":  {reason: "a broken line is not passed over", log: "{\n" + `{"verb":"get"}` + "\n", fails: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "log")
			if err := os.WriteFile(path, []byte(tc.log), 0o600); err != nil {
				t.Fatal(err)
			}
			var verbs []string
			var failure error
			for event, err := range ReadAudit(path) {
				if failure = err; err == nil {
					verbs = append(verbs, event.Verb)
				}
			}
			if diff := cmp.Diff(tc.verbs, verbs); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
			if (failure != nil) != tc.fails {
				t.Errorf("%s: failure %v", tc.reason, failure)
			}
		})
	}
}

func TestReadAuditOfNoLogFails(t *testing.T) {
	for _, err := range ReadAudit(filepath.Join(t.TempDir(), "none")) {
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("failure %v, want %v", err, fs.ErrNotExist)
		}
		return
	}
	t.Error("no failure")
}
