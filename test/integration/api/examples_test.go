// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/revision"
	"github.com/secretsync/secretsync/test/pages"
)

const docsFolder = "../../../docs"

// testExamples tries every manifest that people copy: the files of docs/examples, and each
// block of YAML in README.md and in the pages of docs. A field that does not exist is an error,
// as is a key that stands twice.
func (s *server) testExamples(t *testing.T) {
	held := map[string]bool{}
	try := func(where string, manifest []byte) {
		objects := s.manifest(t, where, manifest)
		if len(objects) == 0 {
			t.Errorf("%s has no object", where)
		}
		for _, object := range objects {
			s.needNamespace(t, object.GetNamespace())
			if err := s.valid(t, object); err != nil {
				t.Errorf("%s: %s %s: %v", where, object.GetKind(), object.GetName(), err)
			}
			if text, asked := object.GetAnnotations()[v1alpha1.AnnotationRollbackTo]; asked {
				form, err := pages.Rollback(text)
				if err != nil {
					t.Errorf("%s: %v", where, err)
				}
				held[form] = true
			}
		}
	}
	for _, file := range append(files(t, "examples/*.yaml"), files(t, "examples/*/*.yaml")...) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		try(filepath.Base(file), text)
	}
	read, err := pages.All(filepath.Dir(docsFolder))
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for _, page := range read {
		for _, block := range page.Blocks() {
			if strings.HasPrefix(block.Language, "yaml") && !block.IsPlan() && !block.IsPeers() {
				shown[page.Name] = true
				try(block.Where(), []byte(block.Text))
			}
		}
	}
	for _, page := range []string{"secretsync", "secretbackend", "clustersecretbackend"} {
		if name := "docs/reference/" + page + ".md"; !shown[name] {
			t.Errorf("%s has no example", name)
		}
	}
	for _, form := range []string{pages.FormNumber, revision.Previous, revision.Current, pages.FormTime} {
		if !held[form] {
			t.Errorf("no example goes back by %s", form)
		}
	}
}

func files(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(docsFolder, pattern))
	if err != nil || len(found) == 0 {
		t.Fatalf("finding %s: %d found, error %v", pattern, len(found), err)
	}
	return found
}

// manifest reads the objects of a manifest.
func (s *server) manifest(t *testing.T, where string, manifest []byte) []*unstructured.Unstructured {
	t.Helper()
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(manifest)))
	for objects := []*unstructured.Unstructured(nil); ; {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return objects
		}
		object := &unstructured.Unstructured{}
		if err == nil {
			err = yaml.UnmarshalStrict(document, &object.Object)
		}
		if err != nil {
			t.Fatalf("%s: %v", where, err)
		}
		if len(object.Object) > 0 {
			objects = append(objects, object)
		}
	}
}

// valid returns an error if the server would not create an object, in the namespace default if
// it names none. One that exists was found valid before that was noticed.
func (s *server) valid(t *testing.T, object *unstructured.Unstructured) error {
	t.Helper()
	namespaced, err := s.client.IsObjectNamespaced(object)
	if err != nil {
		return err
	}
	if namespaced && object.GetNamespace() == "" {
		object = object.DeepCopy()
		object.SetNamespace("default")
	}
	_, err = s.try(t, object.Object)
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}

// testBrokenExamples proves that what is wrong with an example is seen.
func (s *server) testBrokenExamples(t *testing.T) {
	const good = "apiVersion: secretsync.io/v1alpha1\nkind: SecretSync\nmetadata: {name: db, namespace: default}\n" +
		"spec:\n  dataFrom: [{entry: {path: a}}]\n"
	for name, tc := range map[string]struct {
		text string
		good bool
	}{
		"Good":         {text: good, good: true},
		"UnknownField": {text: good + "  refreshInterval: 1m\n"},
		"RuleBroken":   {text: good + "  refresh: {interval: 1s}\n"},
		"UnknownKind":  {text: strings.Replace(good, "SecretSync", "SecretSink", 1)},
	} {
		t.Run(name, func(t *testing.T) {
			for _, object := range s.manifest(t, name, []byte(tc.text)) {
				if err := s.valid(t, object); (err == nil) != tc.good {
					t.Errorf("got %v", err)
				}
			}
		})
	}
}

func (s *server) needNamespace(t *testing.T, name string) {
	t.Helper()
	if name == "" || strings.HasPrefix(name, "kube-") || name == "default" {
		return
	}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
	if err := s.client.Create(t.Context(), namespace); err != nil && !apierrors.IsAlreadyExists(err) {
		t.Fatalf("creating namespace %q: %v", name, err)
	}
}
