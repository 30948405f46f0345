// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"pgregory.net/rapid"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/poll"
	"github.com/secretsync/secretsync/pkg/status"
)

func now() time.Time { return time.Date(2026, 11, 12, 14, 0, 0, 0, time.UTC) }

// newRun returns the run of a healthy object that serves revision 3.
func newRun(mods ...func(*run)) *run {
	u := &run{
		key: types.NamespacedName{Namespace: "shop", Name: "db"}, now: now(),
		object: &v1alpha1.SecretSync{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "db", Generation: 1}},
	}
	u.status = v1alpha1.SecretSyncStatus{ObservedGeneration: 1, ServingRevision: 3, NewestRevision: 3, Target: "db"}
	u.before = *u.status.DeepCopy()
	for _, mod := range mods {
		mod(u)
	}
	return u
}

func annotated(key, value string) func(*run) {
	return func(u *run) { u.object.Annotations = map[string]string{key: value} }
}

func TestPause(t *testing.T) {
	cases := map[string]struct {
		reason string
		text   string
		paused bool
		class  fault.Class
	}{
		"Absent":         {reason: "nobody asked"},
		"InForce":        {reason: "an hour is left", text: "2026-11-12T15:00:00Z", paused: true},
		"OtherZone":      {reason: "it is an instant, not a text", text: "2026-11-12T15:30:00+01:00", paused: true},
		"Over":           {reason: "it ended a second ago", text: "2026-11-12T13:59:59Z"},
		"LastDay":        {reason: "24 h are the most", text: "2026-11-13T14:00:00Z", paused: true},
		"TooLong":        {reason: "nobody may forget one", text: "2026-11-13T14:00:01Z", class: fault.InvalidSpec},
		"NotATime":       {reason: "a typing error must not pause", text: "tomorrow", class: fault.InvalidSpec},
		"NoZone":         {reason: "RFC 3339 has one", text: "2026-11-12T15:00:00", class: fault.InvalidSpec},
		"FarInThePast":   {reason: "it ended", text: "1999-01-01T00:00:00Z"},
		"LongAndHostile": {reason: "the message stays short", text: strings.Repeat("ü", 5000), class: fault.InvalidSpec},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			u := newRun(annotated(v1alpha1.AnnotationPauseUntil, tc.text))
			if got := u.paused(); got != tc.paused {
				t.Errorf("paused() = %v, want %v: %s", got, tc.paused, tc.reason)
			}
			if got := u.idle == status.ReasonPaused; got != tc.paused {
				t.Errorf("idle = %q: %s", u.idle, tc.reason)
			}
			_, err := u.pauseUntil()
			if got := fault.ClassOf(err); got != tc.class {
				t.Errorf("class = %q, want %q: %s", got, tc.class, tc.reason)
			}
			if err != nil && len(err.Error()) > 2*maxRequest+200 {
				t.Errorf("the message has %d bytes", len(err.Error()))
			}
		})
	}
}

func TestShortened(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text") + strings.Repeat(rapid.StringN(1, 1, 4).Draw(t, "unit"), rapid.IntRange(0, 300).Draw(t, "times"))
		got := shortened(text)
		if len(got) > maxRequest || !strings.HasPrefix(text, got) {
			t.Fatalf("shortened(%q) = %q", text, got)
		}
		if utf8.ValidString(text) && !utf8.ValidString(got) {
			t.Fatalf("shortened(%q) = %q cuts a character", text, got)
		}
		if len(text) <= maxRequest && got != text {
			t.Fatalf("shortened(%q) = %q, want it unchanged", text, got)
		}
	})
}

func TestAcknowledge(t *testing.T) {
	answer := func(u *run) { u.snapshot = &poll.Snapshot{Request: requestOfUser + "now", At: now()} }
	cases := map[string]struct {
		reason string
		mods   []func(*run)
		result string
	}{
		"NotAsked":       {reason: "there is nothing to answer", mods: []func(*run){answer}},
		"NotReadYet":     {reason: "the read is under way", mods: []func(*run){annotated(v1alpha1.AnnotationRefresh, "now")}},
		"OtherSnapshot":  {reason: "that read started before the request", mods: []func(*run){annotated(v1alpha1.AnnotationRefresh, "now"), func(u *run) { u.snapshot = &poll.Snapshot{} }}},
		"Unchanged":      {reason: "nothing new was found", mods: []func(*run){annotated(v1alpha1.AnnotationRefresh, "now"), answer}, result: "Unchanged"},
		"Changed":        {reason: "a revision was recorded", mods: []func(*run){annotated(v1alpha1.AnnotationRefresh, "now"), answer, func(u *run) { u.decision.Record = 4 }}, result: "Changed"},
		"ReadFailed":     {reason: "people are told why", mods: []func(*run){annotated(v1alpha1.AnnotationRefresh, "now"), answer, func(u *run) { u.readErr = fault.New(fault.Denied, "PermissionDenied", "no") }}, result: "PermissionDenied"},
		"WriteFailed":    {reason: "people are told why", mods: []func(*run){annotated(v1alpha1.AnnotationRefresh, "now"), answer, func(u *run) { u.serveErr = fault.New(fault.NotOwned, "NotOwned", "no") }}, result: "NotOwned"},
		"CannotBeRead":   {reason: "an invalid specification is never read", mods: []func(*run){annotated(v1alpha1.AnnotationRefresh, "now"), func(u *run) { u.readErr = fault.New(fault.InvalidSpec, "BackendNotFound", "no") }}, result: "BackendNotFound"},
		"AnsweredBefore": {reason: "one answer is enough", mods: []func(*run){annotated(v1alpha1.AnnotationRefresh, "now"), answer, func(u *run) { u.before.LastHandledRefresh = &v1alpha1.RefreshStatus{Request: "now"} }}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			u := newRun(tc.mods...)
			u.acknowledge()
			got := ""
			if u.status.LastHandledRefresh != nil {
				got = u.status.LastHandledRefresh.Result
			}
			if got != tc.result {
				t.Errorf("result = %q, want %q: %s", got, tc.result, tc.reason)
			}
		})
	}
}

func TestPrunable(t *testing.T) {
	history := func(numbers ...int64) func(*run) {
		return func(u *run) {
			for _, n := range numbers {
				u.status.History = append(u.status.History, v1alpha1.HistoryEntry{
					Revision: n, ObservedAt: metav1.NewTime(now().Add(time.Duration(n-10) * time.Hour)),
				})
			}
		}
	}
	limit := func(n int32) func(*run) { return func(u *run) { u.object.Spec.History.Limit = &n } }
	serving := func(n int64, before ...int64) func(*run) {
		return func(u *run) {
			u.status.ServingRevision = n
			u.status.Served = []v1alpha1.ServedEntry{{Revision: n}}
			for _, b := range before {
				u.status.Served = append(u.status.Served, v1alpha1.ServedEntry{Revision: b})
			}
		}
	}
	maxAge := func(d time.Duration) func(*run) {
		return func(u *run) { u.object.Spec.History.MaxAge = &metav1.Duration{Duration: d} }
	}
	cases := map[string]struct {
		reason string
		mods   []func(*run)
		want   []int64
	}{
		"None":          {reason: "there is nothing", mods: nil},
		"WithinLimit":   {reason: "five are kept by default", mods: []func(*run){history(5, 4, 3, 2, 1), serving(5, 4)}},
		"BeyondLimit":   {reason: "the oldest go", mods: []func(*run){history(7, 6, 5, 4, 3, 2, 1), serving(7, 6)}, want: []int64{2, 1}},
		"ServingStays":  {reason: "a held revision is old and precious", mods: []func(*run){history(7, 6, 5, 1), limit(2), serving(1, 7)}, want: []int64{5}},
		"PreviousStays": {reason: "going back must be possible", mods: []func(*run){history(7, 6, 5), limit(1), serving(7, 5)}, want: []int64{6}},
		"LimitOne":      {reason: "the newest and the one before stay", mods: []func(*run){history(2, 1), limit(1), serving(2, 1)}},
		"Old":           {reason: "2 and 1 are past their age", mods: []func(*run){history(4, 3, 2, 1), maxAge(8 * time.Hour), serving(4, 3)}, want: []int64{2, 1}},
		"OldButServing": {reason: "age never takes what is served", mods: []func(*run){history(2, 1), maxAge(time.Hour), serving(2, 1)}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, newRun(tc.mods...).prunable()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func TestNextPrune(t *testing.T) {
	u := newRun()
	u.object.Spec.History.MaxAge = &metav1.Duration{Duration: 3 * time.Hour}
	u.status.Served = []v1alpha1.ServedEntry{{Revision: 3}, {Revision: 2}}
	u.status.History = []v1alpha1.HistoryEntry{
		{Revision: 3, ObservedAt: metav1.NewTime(now())},
		{Revision: 2, ObservedAt: metav1.NewTime(now().Add(-time.Hour))},
		{Revision: 1, ObservedAt: metav1.NewTime(now().Add(-2 * time.Hour))},
	}
	if got, want := u.nextPrune(), time.Hour; got != want {
		t.Errorf("nextPrune() = %s, want %s: 1 is next, 2 and 3 stay", got, want)
	}
}

func TestGravest(t *testing.T) {
	failure := func(class fault.Class) poll.Result { return poll.Result{Err: fault.New(class, string(class), "no")} }
	cases := map[string]struct {
		results []poll.Result
		want    fault.Class
	}{
		"None":      {results: []poll.Result{{}, {}}},
		"One":       {results: []poll.Result{{}, failure(fault.Denied)}, want: fault.Denied},
		"EditFirst": {results: []poll.Result{failure(fault.Unavailable), failure(fault.NotFound), failure(fault.InvalidSpec)}, want: fault.InvalidSpec},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := fault.ClassOf(gravest(tc.results)); got != tc.want {
				t.Errorf("class = %q, want %q", got, tc.want)
			}
		})
	}
}

func TestMissing(t *testing.T) {
	gone := poll.Result{Err: fault.New(fault.NotFound, "EntryNotFound", "no"), Gone: true}
	once := poll.Result{Err: fault.New(fault.NotFound, "EntryNotFound", "no")}
	mass := gone
	mass.MassGone = true
	follow := func(u *run) { u.object.Spec.Target.OnSourceGone = v1alpha1.Delete }
	cases := map[string]struct {
		reason  string
		results []poll.Result
		mods    []func(*run)
		gone    bool
		class   fault.Class
	}{
		"All":            {reason: "each is proven gone", results: []poll.Result{gone, gone}, gone: true, class: fault.NotFound},
		"One":            {reason: "the other still holds keys", results: []poll.Result{gone, {}}, class: fault.NotFound},
		"NotProven":      {reason: "once is not twice", results: []poll.Result{once}, class: fault.NotFound},
		"MassDeleted":    {reason: "somebody erred, and the target would follow", results: []poll.Result{mass}, mods: []func(*run){follow}, class: fault.Suspicious},
		"MassDeletedYet": {reason: "the target would not follow", results: []poll.Result{mass}, class: fault.NotFound},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			u := newRun(tc.mods...)
			u.snapshot = &poll.Snapshot{Results: tc.results}
			err := u.missing(tc.results[0].Err)
			if u.gone != tc.gone || fault.ClassOf(err) != tc.class {
				t.Errorf("gone = %v, class = %q; want %v, %q: %s", u.gone, fault.ClassOf(err), tc.gone, tc.class, tc.reason)
			}
		})
	}
}

func TestTooMany(t *testing.T) {
	cases := map[string]struct {
		removed, all, percent int
		want                  bool
	}{
		"Half":      {removed: 1, all: 2, percent: 50},
		"MoreThan":  {removed: 2, all: 3, percent: 50, want: true},
		"All":       {removed: 1, all: 1, percent: 99, want: true},
		"Off":       {removed: 5, all: 5, percent: 100},
		"NoneAtAll": {removed: 1, all: 100, percent: 0, want: true},
		"Nothing":   {removed: 0, all: 3, percent: 0},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := tooMany(tc.removed, tc.all, tc.percent); got != tc.want {
				t.Errorf("tooMany(%d, %d, %d) = %v", tc.removed, tc.all, tc.percent, got)
			}
		})
	}
}

func TestSpecHash(t *testing.T) {
	spec := func(mods ...func(*v1alpha1.SecretSyncSpec)) string {
		s := &v1alpha1.SecretSyncSpec{DataFrom: []v1alpha1.DataFrom{{Entry: &v1alpha1.EntrySource{Path: "a"}}}}
		for _, mod := range mods {
			mod(s)
		}
		return specHash(s)
	}
	if spec() != spec(func(s *v1alpha1.SecretSyncSpec) { s.Suspend = new(true) }) {
		t.Error("what does not change the content changes the hash")
	}
	if spec() == spec(func(s *v1alpha1.SecretSyncSpec) { s.DataFrom[0].Entry.Path = "b" }) {
		t.Error("another path does not change the hash")
	}
	templated := func(text v1alpha1.TemplateText) string {
		return spec(func(s *v1alpha1.SecretSyncSpec) { s.Template = &v1alpha1.Template{Object: text} })
	}
	if spec() == templated("a") || templated("a") == templated("b") {
		t.Error("another template does not change the hash")
	}
	if got := spec(); got != "6a3ea3b621fa6cd0" {
		t.Errorf("a specification without templates has another hash than before there were any: %s", got)
	}
	if spec() != spec(func(s *v1alpha1.SecretSyncSpec) { s.Target.Type = "Opaque" }) {
		t.Error("a default that is spelled out changes the hash")
	}
}

func TestReads(t *testing.T) {
	own := v1alpha1.BackendRef{Kind: v1alpha1.KindSecretBackend, Name: "own"}
	shared := v1alpha1.BackendRef{Kind: v1alpha1.KindClusterSecretBackend, Name: "shared"}
	object := &v1alpha1.SecretSync{Spec: v1alpha1.SecretSyncSpec{
		Data:     []v1alpha1.DataItem{{From: v1alpha1.FieldSource{EntrySource: v1alpha1.EntrySource{BackendRef: &own}}}},
		DataFrom: []v1alpha1.DataFrom{{Entry: &v1alpha1.EntrySource{BackendRef: &shared}}},
	}}
	for backend, want := range map[v1alpha1.BackendRef]bool{
		{}: true, own: true, shared: true, {Kind: v1alpha1.KindSecretBackend, Name: "shared"}: false,
	} {
		if got := reads(object, backend); got != want {
			t.Errorf("reads(%v) = %v", backend, got)
		}
	}
	object.Spec.BackendRef = &own
	if reads(object, v1alpha1.BackendRef{}) {
		t.Error("who names a backend reads the default one")
	}
}

func TestMemoryForgetsTheHealthy(t *testing.T) {
	m := newMemory(now())
	key := types.NamespacedName{Namespace: "shop", Name: "db"}
	m.change(key, func(t *trouble) { t.read = fault.New(fault.Denied, "Denied", "no") })
	m.change(key, func(t *trouble) { t.attempts++ })
	if got := m.of(key); got.attempts != 1 || got.read == nil {
		t.Errorf("trouble = %+v", got)
	}
	m.change(key, func(t *trouble) { t.read, t.attempts = nil, 0 })
	if len(m.trouble) != 0 {
		t.Errorf("%d objects without trouble are remembered", len(m.trouble))
	}
}
