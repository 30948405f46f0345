// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/history"
	"github.com/secretsync/secretsync/pkg/restart"
	"github.com/secretsync/secretsync/pkg/revision"
	"github.com/secretsync/secretsync/pkg/target"
)

// following makes the target a versioned one that workloads have to follow.
func following(u *run) {
	u.object.Spec.Restart, u.object.Spec.Target.Versioned = &v1alpha1.Restart{}, new(true)
}

// version returns a Secret as one of the versions of shop/db; restarting is what it announces.
func version(name string, number, restarting int64) *corev1.Secret {
	s := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, Annotations: map[string]string{
		v1alpha1.AnnotationOwner: "shop/db", v1alpha1.AnnotationVersionOf: "db", v1alpha1.AnnotationRevision: strconv.FormatInt(number, 10),
	}}}
	if restarting > 0 {
		s.Annotations[v1alpha1.AnnotationRestart] = strconv.FormatInt(restarting, 10)
	}
	return s
}

// TestMoving: whatever is served next has workloads follow, the first content, too; the same
// under another number has not.
func TestMoving(t *testing.T) {
	keys := revision.Keys{Current: []byte("key")}
	old := passwords("Opaque", "old")
	cases := map[string]struct {
		reason           string
		serving, number  int64
		secretType, data string
		lost             bool
		want             int64
	}{
		"First":     {reason: "its name could not be known before", number: 1, secretType: "Opaque", data: "old", want: 1},
		"Changed":   {serving: 3, number: 4, secretType: "Opaque", data: "new", want: 4},
		"Back":      {serving: 3, number: 2, secretType: "Opaque", data: "new", want: 2},
		"Repair":    {serving: 3, number: 3, secretType: "Opaque", data: "old"},
		"Same":      {serving: 3, number: 4, secretType: "Opaque", data: "old"},
		"OtherType": {reason: "it is another Secret", serving: 3, number: 4, secretType: "example.com/x", data: "old", want: 4},
		"Lost":      {reason: "who refers to it already is not moved", lost: true, serving: 3, number: 4, secretType: "Opaque", data: "old", want: 4},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			u := newRun(following, func(u *run) {
				u.known.Serving = tc.serving
				if !tc.lost {
					u.status.History = []v1alpha1.HistoryEntry{{Revision: 3, Digest: keys.Digest(u.id(3), old.Type, old.Data)}}
				}
			})
			r := &Reconciler{Options: Options{Keys: keys}}
			if got := r.restarting(u, target.Live{}, tc.number, passwords(tc.secretType, tc.data)); got != tc.want {
				t.Errorf("%d, want %d: %s", got, tc.want, tc.reason)
			}
		})
	}
}

// TestAnnounced: that workloads have to follow is read from the version that is served alone, and
// is written to one that is served again.
func TestAnnounced(t *testing.T) {
	cases := map[string]struct {
		reason      string
		observed    *corev1.Secret
		serving     int64
		number      int64
		off         bool
		announced   int64
		unannounced bool
	}{
		"AtRest":    {observed: version("db-3", 3, 3), serving: 3, number: 3, announced: 3},
		"NeverTold": {reason: "restart was added since", observed: version("db-3", 3, 0), serving: 3, number: 3},
		"Again":     {reason: "it is a change, and must survive a crash", observed: version("db-2", 2, 0), serving: 3, number: 2, unannounced: true},
		"AgainTold": {observed: version("db-2", 2, 2), serving: 3, number: 2},
		"ToldOther": {observed: version("db-2", 2, 1), serving: 3, number: 2, unannounced: true},
		"Off":       {off: true, observed: version("db-2", 2, 0), serving: 3, number: 2},
		"NotServed": {reason: "it was aimed at, and could not be brought", observed: version("db-4", 4, 4), serving: 3, number: 4},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			u := newRun(following, func(u *run) {
				u.known.Serving, u.status.Target, u.observed = tc.serving, "db-3", target.ObservedOf(tc.observed)
				if tc.off {
					u.object.Spec.Restart = nil
				}
			})
			if got := u.announced(); got != tc.announced {
				t.Errorf("announced = %d, want %d: %s", got, tc.announced, tc.reason)
			}
			if got := u.unannounced(tc.number); got != tc.unannounced {
				t.Errorf("unannounced = %t: %s", got, tc.reason)
			}
		})
	}
}

// TestVersionsFor: of ours are the Secrets that say so and are named so, the one that was served
// before, and those whose revisions are kept; nothing is ours for its name alone.
func TestVersionsFor(t *testing.T) {
	keys := revision.Keys{Current: []byte("key")}
	odd, copied := version("settings", 1, 0), version("db-00000000cc", 1, 0)
	copied.Annotations[v1alpha1.AnnotationOwner] = "elsewhere/db"
	server := fake.NewClientBuilder().WithScheme(clientgoscheme.Scheme).
		WithIndex(&corev1.Secret{}, ownedField, ownedBy).
		WithObjects(version("db-00000000aa", 2, 0), version("db-00000000dd", 4, 4), odd, copied, &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "db-00000000ee"},
		}).Build()
	u := newRun(following, func(u *run) {
		u.before.Target, u.status.Target = "db-00000000bb", "db-00000000dd"
		u.status.Served = []v1alpha1.ServedEntry{{Revision: 4}, {Revision: 3}}
		u.status.History = []v1alpha1.HistoryEntry{{Revision: 4}, {Revision: 2}, {Revision: 1}}
	})
	r := &Reconciler{Options: Options{
		Keys: keys, Cached: server, History: history.NewStore(server, keys, history.NewIndex(func(types.NamespacedName) {})),
		Restarts: restart.NewRoller(restart.Options{Clock: clock.RealClock{}}),
	}}
	lost := passwords("Opaque", "deleted by hand")
	if err := r.History.Create(t.Context(), u.object, history.Record{ID: u.id(1), Content: lost, ObservedAt: now()}); err != nil {
		t.Fatal(err)
	}
	got, err := r.versionsFor(t.Context(), u, 4)
	if err != nil {
		t.Fatal(err)
	}
	want := &restart.Versions{To: "db-00000000dd", From: []string{"db-00000000aa", "db-00000000bb", r.versionName(u, lost)}}
	slices.Sort(want.From)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}

	r.Restarts.Ask(restart.Job{Key: u.key, Mark: restart.Mark{Revision: 4}, Versions: got})
	u.before.Target = u.status.Target // The status is written.
	if again, err := r.versionsFor(t.Context(), u, 4); err != nil || again != got {
		t.Errorf("what is under way is looked up again: %v, %v", again, err)
	}
	u.object.Spec.Target.Versioned = nil
	if none, err := r.versionsFor(t.Context(), u, 4); err != nil || none != nil {
		t.Errorf("a target of one name has versions: %v, %v", none, err)
	}
}
