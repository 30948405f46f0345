// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"context"
	"errors"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/revision"
	"github.com/secretsync/secretsync/pkg/target"
)

// TestOnlyWhatIsWrittenRestarts: workloads that were restarted for a write that failed would
// come up with the old content.
func TestOnlyWhatIsWrittenRestarts(t *testing.T) {
	errBoom := errors.New("boom")
	for name, tc := range map[string]struct {
		fail error
		want int64
	}{"Written": {want: 4}, "Refused": {fail: errBoom}} {
		t.Run(name, func(t *testing.T) {
			keys, changed := revision.Keys{Current: []byte("key")}, passwords("Opaque", "new")
			u := newRun(func(u *run) {
				u.known.Serving, u.decision.Serve, u.object.Spec.Restart = 3, 4, &v1alpha1.Restart{}
			})
			server := fake.NewClientBuilder().WithScheme(clientgoscheme.Scheme).WithObjects(&corev1.Secret{
				ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "db", Annotations: map[string]string{v1alpha1.AnnotationOwner: "shop/db"}},
				Type:       corev1.SecretTypeOpaque, Data: passwords("Opaque", "old").Reveal(),
			}).WithInterceptorFuncs(interceptor.Funcs{
				Update: func(ctx context.Context, c client.WithWatch, o client.Object, options ...client.UpdateOption) error {
					return errors.Join(tc.fail, c.Update(ctx, o, options...))
				},
			}).Build()
			r := &Reconciler{Options: Options{Keys: keys, Targets: target.NewWriter(server)}}
			live, err := r.look(t.Context(), u)
			if err != nil {
				t.Fatal(err)
			}
			if err := r.correct(t.Context(), u, live, changed); (err != nil) != (tc.fail != nil) {
				t.Fatal(err)
			}
			if u.restart != tc.want || u.toRestart() != tc.want {
				t.Errorf("workloads are restarted for %d, want %d", u.restart, tc.want)
			}
		})
	}
}
