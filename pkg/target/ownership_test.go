// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
)

func TestCheckType(t *testing.T) {
	cases := map[string]bool{
		"Opaque": true, "kubernetes.io/tls": true, "kubernetes.io/dockerconfigjson": true, "corp.example/own": true,
		"kubernetes.io/service-account-token": false, "bootstrap.kubernetes.io/token": false,
		"helm.sh/release.v1": false, "helm.sh/release.v2": false, "secretsync.io/revision": false, "secretsync.io/anything": false,
	}
	for name, allowed := range cases {
		err := CheckType(name)
		if (err == nil) != allowed {
			t.Errorf("CheckType(%q) = %v, want allowed: %t", name, err, allowed)
		}
		if err != nil {
			wantFault(t, err, fault.InvalidSpec, "TypeRefused")
		}
	}
}

func TestOwnership(t *testing.T) {
	marked := func(pairs ...string) corev1.Secret {
		s := corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: "db", Annotations: map[string]string{}}, Type: corev1.SecretTypeOpaque}
		for i := 0; i < len(pairs); i += 2 {
			s.Annotations[pairs[i]] = pairs[i+1]
		}
		return s
	}
	ofType := func(t corev1.SecretType, s corev1.Secret) corev1.Secret { s.Type = t; return s }
	const owner, adopt = v1alpha1.AnnotationOwner, v1alpha1.AnnotationAdoptBy
	cases := map[string]struct {
		reason string
		live   corev1.Secret
		served bool
		want   Ownership
		says   string
	}{
		"Ours":            {live: marked(owner, "payments/db"), want: Ours},
		"OursAfterAFetch": {live: marked(owner, "payments/db"), served: true, want: Ours},
		"MarkRemoved": {
			reason: "where we served, an unmarked Secret is a damaged or replaced one of ours", live: marked(), served: true, want: Ours,
		},
		"Merged": {
			reason: "we had keys in it, and the rest is somebody else's", served: true, want: Foreign, says: "adopt-by=db",
			live: marked(v1alpha1.AnnotationMergePrefix+"db", `{"owner":"payments/db","revision":1,"keys":["A"]}`),
		},
		"MarkRemovedAndMergedByAnother": {
			reason: "while it was nobody's, another put keys into it", served: true, want: Foreign, says: `keys of SecretSync "api"`,
			live: marked(v1alpha1.AnnotationMergePrefix+"api", `{"owner":"payments/api","revision":1,"keys":["A"]}`),
		},
		"Foreign": {live: marked(), want: Foreign, says: "kubectl annotate secret db secretsync.io/adopt-by=db"},
		"Adoptable": {
			live: marked(adopt, "db"), want: Adoptable,
		},
		"AdoptableByAnother": {live: marked(adopt, "other"), want: Foreign, says: "adopt-by=db"},
		"AdoptedAlready":     {reason: "consent stays on the Secret", live: marked(owner, "payments/db", adopt, "db"), want: Ours},
		"FirstOwnerKeeps": {
			reason: "two SecretSyncs with one target do not take turns", live: marked(owner, "payments/first"), want: Foreign,
			says: `belongs to SecretSync "payments/first"`,
		},
		"FirstOwnerKeepsThoughWeServed": {live: marked(owner, "payments/first"), served: true, want: Foreign, says: "payments/first"},
		"HandedOver": {
			reason: "who may write the annotation may write the Secret", live: marked(owner, "payments/first", adopt, "db"), want: Adoptable,
		},
		"OwnerOfAnotherNamespace": {
			reason: "a copy: no SecretSync serves another namespace", live: marked(owner, "staging/db"), want: Foreign,
			says: `copy of one that belongs to SecretSync "staging/db"; to hand it over: kubectl annotate secret db secretsync.io/adopt-by=db`,
		},
		"OwnerByUID":     {reason: "the mark is a name", live: marked(owner, "uid-1"), want: Foreign, says: "uid-1"},
		"AdoptByFullKey": {reason: "a SecretSync of the same namespace is named without it", live: marked(adopt, "payments/db"), want: Foreign, says: "adopt-by=db"},
		"Token":          {live: ofType(corev1.SecretTypeServiceAccountToken, marked(adopt, "db")), served: true, want: Foreign, says: "service-account-token"},
		"TokenMarked": {
			reason: "Kubernetes acts on it, whatever it is marked with",
			live:   ofType(corev1.SecretTypeBootstrapToken, marked(owner, "payments/db")), want: Foreign, says: "never taken over",
		},
		"HelmRelease": {live: ofType("helm.sh/release.v1", marked(adopt, "db")), want: Foreign, says: "never taken over"},
		"Revision":    {live: ofType(v1alpha1.SecretTypeRevision, marked(owner, "payments/db")), want: Foreign, says: "never taken over"},
		"EndlessMark": {
			reason: "a condition holds 32 KiB, an annotation 256",
			live:   marked(owner, strings.Repeat("x", 100_000)), want: Foreign, says: "xxx",
		},
		"EndlessType": {live: ofType(corev1.SecretType("helm.sh/"+strings.Repeat("x", 100_000)), marked()), want: Foreign, says: "xxx"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			want := WantOf(syncOf(), 1)
			if got := want.ownership(&tc.live, tc.served); got != tc.want {
				t.Fatalf("ownership = %d, want %d: %s", got, tc.want, tc.reason)
			}
			if tc.want != Foreign {
				return
			}
			err := want.notOwned(&tc.live)
			wantFault(t, err, fault.NotOwned, "NotOwned")
			if !strings.Contains(err.Error(), tc.says) || len(err.Error()) > 1000 {
				t.Errorf("%d bytes that should say %q: %.300s", len(err.Error()), tc.says, err)
			}
		})
	}
}
