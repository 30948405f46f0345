// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package history

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/revision"
)

func keysSecret(data map[string][]byte) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "secretsync", Name: v1alpha1.KeysSecret}, Data: data}
}

func TestLoadKeysThatExist(t *testing.T) {
	long, longer, short := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 64), bytes.Repeat([]byte("x"), 31)
	cases := map[string]struct {
		reason string
		data   map[string][]byte
		want   revision.Keys
		class  fault.Class
	}{
		"Current":  {data: map[string][]byte{"current": long}, want: revision.Keys{Current: long}},
		"Rotating": {data: map[string][]byte{"current": longer, "previous": long}, want: revision.Keys{Current: longer, Previous: long}},
		"PreviousEmptied": {
			reason: "how an editor leaves the end of a rotation", data: map[string][]byte{"current": long, "previous": {}},
			want: revision.Keys{Current: long, Previous: []byte{}},
		},
		"NoCurrent":    {data: map[string][]byte{"previous": long}, class: fault.InvalidSpec},
		"NoData":       {class: fault.InvalidSpec},
		"ShortCurrent": {data: map[string][]byte{"current": short}, class: fault.InvalidSpec},
		"ShortPrevious": {
			reason: "a key that can be guessed lets anybody forge revisions while it is accepted",
			data:   map[string][]byte{"current": long, "previous": short}, class: fault.InvalidSpec,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c := fake.NewClientBuilder().WithObjects(keysSecret(tc.data)).Build()
			got, err := LoadKeys(t.Context(), c, "secretsync")
			if fault.ClassOf(err) != tc.class {
				t.Fatalf("%s: error %v, want class %q", tc.reason, err, tc.class)
			}
			if err != nil && strings.Contains(err.Error(), "xxx") {
				t.Errorf("the error shows the key: %v", err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func TestLoadKeysMakesThemOnce(t *testing.T) {
	c := fake.NewClientBuilder().Build()
	first, err := LoadKeys(t.Context(), c, "secretsync")
	if err != nil || len(first.Current) != keyBytes || len(first.Previous) != 0 {
		t.Fatalf("LoadKeys = %d and %d bytes, %v", len(first.Current), len(first.Previous), err)
	}
	second, err := LoadKeys(t.Context(), c, "secretsync")
	if diff := cmp.Diff(first, second); err != nil || diff != "" {
		t.Errorf("after a restart: %v (-first +second):\n%s", err, diff)
	}
	other, err := LoadKeys(t.Context(), fake.NewClientBuilder().Build(), "secretsync")
	if err != nil || bytes.Equal(first.Current, other.Current) {
		t.Errorf("another installation has the same key, or none: %v", err)
	}
}

// TestLoadKeysOfReplicasThatStartAtOnce: whoever creates, all use the same.
func TestLoadKeysOfReplicasThatStartAtOnce(t *testing.T) {
	const replicas = 8
	var arrived sync.WaitGroup
	arrived.Add(replicas)
	c := interceptor.NewClient(fake.NewClientBuilder().Build(), interceptor.Funcs{
		Create: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.CreateOption) error {
			arrived.Done()
			arrived.Wait() // until every replica has found nothing
			return c.Create(ctx, o, opts...)
		},
	})
	var group sync.WaitGroup
	keys, errs := make([]revision.Keys, replicas), make([]error, replicas)
	for i := range replicas {
		group.Go(func() { keys[i], errs[i] = LoadKeys(t.Context(), c, "secretsync") })
	}
	group.Wait()
	for i := range replicas {
		if errs[i] != nil || !bytes.Equal(keys[i].Current, keys[0].Current) {
			t.Errorf("replica %d: %v, or another key than replica 0", i, errs[i])
		}
	}
}

func TestLoadKeysReportsWhatFails(t *testing.T) {
	forbidden := apierrors.NewForbidden(schema.GroupResource{Resource: "secrets"}, v1alpha1.KeysSecret, errors.New("no"))
	for name, funcs := range map[string]interceptor.Funcs{
		"Get": {Get: func(context.Context, client.WithWatch, client.ObjectKey, client.Object, ...client.GetOption) error {
			return forbidden
		}},
		"Create": {Create: func(context.Context, client.WithWatch, client.Object, ...client.CreateOption) error {
			return forbidden
		}},
	} {
		t.Run(name, func(t *testing.T) {
			keys, err := LoadKeys(t.Context(), interceptor.NewClient(fake.NewClientBuilder().Build(), funcs), "secretsync")
			if !errors.Is(err, forbidden) || len(keys.Current) != 0 {
				t.Errorf("LoadKeys = %d bytes, %v; want the server's answer", len(keys.Current), err)
			}
			if err != nil && !strings.Contains(err.Error(), v1alpha1.KeysSecret) {
				t.Errorf("%v does not say which Secret", err)
			}
		})
	}
}
