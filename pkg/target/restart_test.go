// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"maps"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// TestRestartStays: that workloads have to be restarted is written with the content, and stays
// through repairs and changes of the mode until there is a newer reason.
func TestRestartStays(t *testing.T) {
	whole := func(number int64) Want { return WantOf(syncOf(named("app")), number) }
	merged := func(number int64) Want { return mergeWant("app", number) }
	restarting := func(w Want) Want {
		w.Restart = w.Revision
		return w
	}
	cases := map[string]struct {
		reason string
		writes []Want
		want   int64
	}{
		"None":        {writes: []Want{merged(1)}},
		"Written":     {writes: []Want{merged(1), restarting(merged(2))}, want: 2},
		"Kept":        {reason: "a write that changes no content", writes: []Want{restarting(merged(2)), merged(2), merged(3)}, want: 2},
		"Newer":       {writes: []Want{restarting(merged(2)), restarting(merged(3))}, want: 3},
		"WholeToKeys": {reason: "the mode was changed while it was under way", writes: []Want{restarting(whole(2)), merged(2)}, want: 2},
		"KeysToWhole": {writes: []Want{restarting(merged(2)), whole(2)}, want: 2},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: "db"}}
			content := contentOf("A", marker)
			for _, want := range tc.writes {
				if want.Merge {
					newShare(want, secret).apply(secret, want, content)
				} else {
					secret.Data = content.Reveal()
					want.applyTo(&secret.ObjectMeta)
				}
			}
			last := tc.writes[len(tc.writes)-1]
			if got := ObservedOf(secret).Restart(last.Owner); got != tc.want {
				t.Errorf("restart = %d, want %d: %s", got, tc.want, tc.reason)
			}
			if last.Merge && (secret.Annotations[v1alpha1.AnnotationRestart] != "" || len(last.claimDifferences(&secret.ObjectMeta, []string{"A"})) > 0) {
				t.Errorf("it is not at rest: %v", secret.Annotations)
			}
			if got := ObservedOf(secret).Restart(mergeWant("other", 1).Owner); got != 0 {
				t.Errorf("another SecretSync is told %d", got)
			}
		})
	}
}

// TestOurs: what somebody else holds until now is not counted as what was served.
func TestOurs(t *testing.T) {
	secret := foreign("A", "owner's")
	want, content := mergeWant("app", 1), contentOf("A", marker, "B", marker)
	newShare(want, secret).apply(secret, want, contentOf("B", marker))
	secret.Data["A"] = []byte("owner's")
	merged := Live{secret: secret, share: newShare(want, secret)}
	whole := Live{secret: secret}
	for name, tc := range map[string]struct {
		live Live
		want []string
	}{"Merged": {merged, []string{"B"}}, "Whole": {whole, []string{"A", "B"}}} {
		if got := slices.Sorted(maps.Keys(tc.live.Ours(content).Data)); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
	if len(content.Data) != 2 {
		t.Error("the content itself was changed")
	}
}
