// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package environments

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// TestPreviews opens a namespace for each of two pull requests, closes one, and finds nothing
// of it anywhere.
func TestPreviews(t *testing.T) {
	t.Parallel()
	suite.NeedsClusterBackends(t) // those of the example
	w, p := suite.World(t), newPlatform(t)
	p.furnishPreviews(t, w)
	for _, number := range []string{"101", "102"} {
		p.put(t, w, preview, seedOf(number), texts{"SEED": "seed of request " + number})
	}
	p.install(t, w, "preview.yaml")
	closing, staying := open(t, w, "101"), open(t, w, "102")
	for number, n := range map[string]*harness.Tenant{"101": closing, "102": staying} {
		n.AwaitSecret(t, app, valuesOf(preview))
		n.AwaitSecret(t, preview, texts{"SEED": "seed of request " + number})
		n.AwaitReady(t, preview, 1)
	}
	refuseForeign(t, p, staying)

	p.close(t, closing)
	nothingLeft(t, closing)
	p.nobodyReads(t, seedOf("101"), seedOf("102"))
	staying.SameBytes(t, staying.Secret(t, app))

	again := open(t, w, "101")
	again.AwaitSecret(t, app, valuesOf(preview))
	again.AwaitReady(t, preview, 1)
}

// seedOf is where a pull request has values for itself.
func seedOf(number string) string { return "previews/" + previewNamespace(number) + "/seed" }

// refuseForeign has a pull request ask for what is another one's.
func refuseForeign(t *testing.T, p *platform, n *harness.Tenant) {
	t.Helper()
	before := 0
	if p.Simulator != nil {
		before = p.logins()
	}
	n.Create(t, &v1alpha1.SecretSync{
		ObjectMeta: metav1.ObjectMeta{Name: "foreign"},
		Spec:       v1alpha1.SecretSyncSpec{DataFrom: []v1alpha1.DataFrom{{Entry: &v1alpha1.EntrySource{Path: seedOf("101")}}}},
	})
	n.AwaitCondition(t, "foreign", v1alpha1.ConditionStalled, metav1.ConditionTrue, "NotAllowed")
	if p.Simulator != nil && p.logins() != before {
		t.Error("it was logged in for a read that is not allowed")
	}
}

// close deletes the namespace of a pull request, and waits until its logins are given back.
func (p *platform) close(t *testing.T, n *harness.Tenant) {
	t.Helper()
	harness.Must(t, n.Client.Delete(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: n.Namespace}}))
	harness.Await(t, "namespace "+n.Namespace+" to go", func() string {
		err := n.Client.Get(t.Context(), client.ObjectKey{Name: n.Namespace}, &corev1.Namespace{})
		if apierrors.IsNotFound(err) {
			return ""
		}
		return fmt.Sprintf("it is there (error %v)", err)
	})
	if p.Simulator == nil {
		return
	}
	harness.Await(t, "the token of "+n.Namespace+" to be given back", func() string {
		if open := p.logins() - p.revocations(); open != 1 {
			return fmt.Sprintf("%d logins are kept, want that of the other pull request alone", open)
		}
		return ""
	})
}

// nothingLeft fails the test if the cluster or the operator still knows of the namespace.
func nothingLeft(t *testing.T, n *harness.Tenant) {
	t.Helper()
	for _, list := range []client.ObjectList{&corev1.SecretList{}, &v1alpha1.SecretSyncList{}, &corev1.ServiceAccountList{}} {
		harness.Must(t, n.Client.List(t.Context(), list, client.InNamespace(n.Namespace)))
		if left := meta.LenList(list); left > 0 {
			t.Errorf("want nothing left, got %d in a %T", left, list)
		}
	}
	harness.Await(t, "the metrics to forget "+n.Namespace, func() string {
		for name, family := range n.Metrics(t) {
			if slices.ContainsFunc(family.GetMetric(), func(m *dto.Metric) bool { return tellsOf(m, n.Namespace) }) {
				return name + " tells of it"
			}
		}
		return ""
	})
}

// tellsOf reports whether a series has the text in a label.
func tellsOf(series *dto.Metric, text string) bool {
	return slices.ContainsFunc(series.GetLabel(), func(l *dto.LabelPair) bool { return strings.Contains(l.GetValue(), text) })
}

// nobodyReads fails the test if a folder is listed while another one, at the same interval, is
// listed again and again.
func (p *platform) nobodyReads(t *testing.T, gone, other string) {
	t.Helper()
	if p.Simulator == nil {
		return
	}
	p.Simulator.Forget()
	harness.Await(t, other+" to be listed twice", func() string {
		if n := p.lists(other); n < 2 {
			return fmt.Sprintf("it was listed %d times", n)
		}
		return ""
	})
	if n := p.lists(gone); n > 0 {
		t.Errorf("%s was listed %d times after its namespace had gone", gone, n)
	}
}
