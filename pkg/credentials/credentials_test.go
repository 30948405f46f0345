// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package credentials

import (
	"context"
	"errors"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
)

const marker = "m4rk3r-value"

func TestSecretKey(t *testing.T) {
	offered := map[string]string{v1alpha1.LabelCredential: "true"}
	secret := func(labels map[string]string, data map[string][]byte) *corev1.Secret {
		return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "login", Labels: labels}, Data: data}
	}
	forbidden := apierrors.NewForbidden(schema.GroupResource{Resource: "secrets"}, "login", errors.New("no"))
	cases := map[string]struct {
		reason  string
		objects []client.Object
		getErr  error
		want    string
		class   fault.Class
		because string
		mention string
	}{
		"Offered": {
			objects: []client.Object{secret(offered, map[string][]byte{"token": []byte(marker)})},
			want:    marker,
		},
		"EmptyValue": {
			reason:  "an empty value is a value; what it is good for is the backend's to say",
			objects: []client.Object{secret(offered, map[string][]byte{"token": {}})},
		},
		"Absent": {class: fault.InvalidSpec, because: ReasonSecretNotFound, mention: "ns/login"},
		"NotLabelled": {
			objects: []client.Object{secret(nil, map[string][]byte{"token": []byte(marker)})},
			class:   fault.InvalidSpec, because: ReasonNotOffered,
			mention: "kubectl label secret login --namespace ns secretsync.io/credential=true",
		},
		"LabelledFalse": {
			objects: []client.Object{secret(map[string]string{v1alpha1.LabelCredential: "false"}, map[string][]byte{"token": []byte(marker)})},
			class:   fault.InvalidSpec, because: ReasonNotOffered, mention: "login",
		},
		"OtherKeys": {
			reason:  "key names help to find the slip, values never leave",
			objects: []client.Object{secret(offered, map[string][]byte{"b": []byte(marker), "a": []byte(marker)})},
			class:   fault.InvalidSpec, because: ReasonKeyNotFound, mention: "a, b",
		},
		"NoKeys": {
			objects: []client.Object{secret(offered, nil)},
			class:   fault.InvalidSpec, because: ReasonKeyNotFound, mention: "none",
		},
		"Forbidden":   {getErr: forbidden, class: fault.InvalidSpec, because: ReasonForbidden, mention: "RBAC"},
		"Unreachable": {getErr: errBoom, class: fault.Unavailable, because: ReasonUnavailable, mention: "ns/login"},
		"ServerError": {
			getErr: apierrors.NewInternalError(errBoom),
			class:  fault.Unavailable, because: ReasonUnavailable, mention: "ns/login",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			reader := interceptor.NewClient(fake.NewClientBuilder().WithObjects(tc.objects...).Build(), interceptor.Funcs{
				Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, obj client.Object, opts ...client.GetOption) error {
					if tc.getErr != nil {
						return tc.getErr
					}
					return c.Get(ctx, key, obj, opts...)
				},
			})
			got, err := New(Options{Reader: reader, Tokens: reader}).SecretKey(t.Context(), "ns", "login", "token")
			wantFault(t, err, tc.class, tc.because, tc.mention)
			if string(got.Reveal()) != tc.want {
				t.Errorf("%s: want another value (got %d bytes)", tc.reason, got.Len())
			}
		})
	}
}

func TestKeyNamesAreBounded(t *testing.T) {
	data := map[string][]byte{}
	for r := 'a'; r <= 'z'; r++ {
		data[string(r)] = nil
	}
	got := names(data)
	if n := strings.Count(got, ", "); n != maxListed || !strings.HasSuffix(got, "t, ...") {
		t.Errorf("want the first %d names and an ellipsis, got %q", maxListed, got)
	}
}

var errBoom = errors.New("boom")

// wantFault checks class, reason and a part of the message, and that no secret is in it.
func wantFault(t *testing.T, err error, class fault.Class, reason, mention string) {
	t.Helper()
	if got := fault.ClassOf(err); got != class {
		t.Fatalf("want class %q, got %q: %v", class, got, err)
	}
	if err == nil {
		return
	}
	if got := fault.ReasonOf(err); got != reason {
		t.Errorf("want reason %q, got %q", reason, got)
	}
	if !strings.Contains(fault.As(err).Message, mention) {
		t.Errorf("want a message with %q, got %q", mention, fault.As(err).Message)
	}
	if strings.Contains(err.Error(), marker) {
		t.Errorf("the error holds a secret value: %v", err)
	}
}
