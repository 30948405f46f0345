// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package clustersecretsync

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
)

const (
	fanName = "cert"
	home    = "secretsync"
)

// noon is the time of the tests.
func noon() time.Time { return time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC) }

// fan returns a ClusterSecretSync for the namespaces with the label fan=yes, changed by edits.
func fan(edits ...func(*v1alpha1.ClusterSecretSyncSpec)) *v1alpha1.ClusterSecretSync {
	owner := &v1alpha1.ClusterSecretSync{
		ObjectMeta: metav1.ObjectMeta{Name: fanName, UID: "uid", Generation: 1},
		Spec: v1alpha1.ClusterSecretSyncSpec{
			Namespaces: &v1alpha1.FanOutNamespaces{NamespaceSelection: v1alpha1.NamespaceSelection{
				Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"fan": "yes"}},
			}},
			SecretSync: v1alpha1.SecretSyncTemplate{Spec: v1alpha1.SecretSyncSpec{
				DataFrom: []v1alpha1.DataFrom{{Entry: &v1alpha1.EntrySource{Path: "common"}}},
			}},
		},
	}
	for _, edit := range edits {
		edit(&owner.Spec)
	}
	return owner
}

// path edits what is read, and with it the template.
func path(path string) func(*v1alpha1.ClusterSecretSyncSpec) {
	return func(spec *v1alpha1.ClusterSecretSyncSpec) {
		spec.SecretSync.Spec.DataFrom = []v1alpha1.DataFrom{{Entry: &v1alpha1.EntrySource{Path: path}}}
	}
}

func percent(n int32) func(*v1alpha1.ClusterSecretSyncSpec) {
	return func(spec *v1alpha1.ClusterSecretSyncSpec) { spec.Rollout.MaxPercent = &n }
}

// namespace returns a namespace; labels are key, value, key, value.
func namespace(name string, labels ...string) metav1.PartialObjectMetadata {
	n := metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{}}}
	for i := 0; i+1 < len(labels); i += 2 {
		n.Labels[labels[i]] = labels[i+1]
	}
	return n
}

func selected(names ...string) []metav1.PartialObjectMetadata {
	var all []metav1.PartialObjectMetadata
	for _, name := range names {
		all = append(all, namespace(name, "fan", "yes"))
	}
	return all
}

// syncEdit changes a SecretSync.
type syncEdit func(*v1alpha1.SecretSync)

// made returns the SecretSync that owner makes in a namespace, Ready unless edits say otherwise.
func made(owner *v1alpha1.ClusterSecretSync, in string, edits ...syncEdit) *v1alpha1.SecretSync {
	sync := templateOf(owner).apply(&v1alpha1.SecretSync{ObjectMeta: metav1.ObjectMeta{Namespace: in, Name: fanName, Generation: 1}})
	told("True", "Serving")(sync)
	for _, edit := range edits {
		edit(sync)
	}
	return sync
}

// told gives a SecretSync a status about its specification.
func told(ready metav1.ConditionStatus, reason string) syncEdit {
	return func(sync *v1alpha1.SecretSync) {
		sync.Status = v1alpha1.SecretSyncStatus{ObservedGeneration: sync.Generation, Conditions: []metav1.Condition{
			{Type: v1alpha1.ConditionReady, Status: ready, Reason: reason, Message: "told"},
		}}
	}
}

func unsettled(sync *v1alpha1.SecretSync) { sync.Generation++ }

func named(name string) syncEdit {
	return func(sync *v1alpha1.SecretSync) {
		sync.Name, sync.Annotations[v1alpha1.AnnotationFanOutMade] = name, sync.Namespace+"/"+name
	}
}

func mapOf(syncs ...*v1alpha1.SecretSync) map[client.ObjectKey]*v1alpha1.SecretSync {
	all := map[client.ObjectKey]*v1alpha1.SecretSync{}
	for _, sync := range syncs {
		all[client.ObjectKeyFromObject(sync)] = sync
	}
	return all
}

// outcome is what a plan comes to, for comparison.
type outcome struct {
	Create, Update, Remove []string
	Failures               map[string]string // namespace to reason
	Counts                 [4]int            // selected, created, updated, ready
	Waiting                int
	Stopped                bool
}

// keysOf returns the namespaces and names, in order.
func keysOf(syncs []*v1alpha1.SecretSync) []string {
	var all []string
	for _, sync := range syncs {
		all = append(all, sync.Namespace+"/"+sync.Name)
	}
	slices.Sort(all)
	return all
}

func outcomeOf(p plan) outcome {
	o := outcome{
		Create: keysOf(p.create), Update: keysOf(p.update), Remove: keysOf(p.remove),
		Counts:  [4]int{p.counts.selected, p.counts.created, p.counts.updated, p.counts.ready},
		Waiting: p.waiting, Stopped: p.stopped,
	}
	for name, failure := range p.failures {
		if o.Failures == nil {
			o.Failures = map[string]string{}
		}
		o.Failures[name] = failure.Reason
	}
	return o
}

func TestPlan(t *testing.T) {
	now := fan()
	before := fan(path("old"))
	ending := metav1.NewTime(noon())
	cases := map[string]struct {
		reason     string
		owner      *v1alpha1.ClusterSecretSync
		namespaces []metav1.PartialObjectMetadata
		syncs      []*v1alpha1.SecretSync
		held       map[client.ObjectKey]hold
		want       outcome
	}{
		"Nothing": {owner: now},
		"First": {
			owner: now, namespaces: append(selected("a", "b"), namespace("other")),
			want: outcome{Create: []string{"a/cert", "b/cert"}, Counts: [4]int{2, 0, 0, 0}},
		},
		"AllIsWell": {
			owner: now, namespaces: selected("a"), syncs: []*v1alpha1.SecretSync{made(now, "a")},
			want: outcome{Counts: [4]int{1, 1, 1, 1}},
		},
		"SelectsNone": {
			reason: "an absent selection is none", namespaces: selected("a"),
			owner: fan(func(s *v1alpha1.ClusterSecretSyncSpec) { s.Namespaces = nil }), syncs: []*v1alpha1.SecretSync{made(now, "a")},
			want: outcome{Remove: []string{"a/cert"}},
		},
		"SelectsAll": {
			reason: "an empty selection is all, but for Kubernetes' and the operator's namespaces",
			owner: fan(func(s *v1alpha1.ClusterSecretSyncSpec) {
				s.Namespaces = &v1alpha1.FanOutNamespaces{Exclude: []string{"b"}}
			}),
			namespaces: []metav1.PartialObjectMetadata{namespace("a"), namespace("b"), namespace("kube-system"), namespace(home)},
			want:       outcome{Create: []string{"a/cert"}, Counts: [4]int{1}},
		},
		"SelectsNamed": {
			reason: "who names them gets them, unless excluded",
			owner: fan(func(s *v1alpha1.ClusterSecretSyncSpec) {
				s.Namespaces = &v1alpha1.FanOutNamespaces{Exclude: []string{"b"}}
				s.Namespaces.Names = []string{"b", "kube-system", home}
			}),
			namespaces: []metav1.PartialObjectMetadata{namespace("a"), namespace("b"), namespace("kube-system"), namespace(home)},
			want:       outcome{Create: []string{"kube-system/cert", home + "/cert"}, Counts: [4]int{2}},
		},
		"Ending": {
			reason: "a namespace on its way out is left to Kubernetes", owner: now,
			namespaces: []metav1.PartialObjectMetadata{
				{ObjectMeta: metav1.ObjectMeta{Name: "a", Labels: map[string]string{"fan": "yes"}, DeletionTimestamp: &ending}},
				{ObjectMeta: metav1.ObjectMeta{Name: "b", DeletionTimestamp: &ending}},
			},
			syncs: []*v1alpha1.SecretSync{made(now, "b")},
		},
		"Deselected": {
			owner: now, namespaces: []metav1.PartialObjectMetadata{namespace("a")}, syncs: []*v1alpha1.SecretSync{made(now, "a")},
			want: outcome{Remove: []string{"a/cert"}},
		},
		"DeselectedKept": {
			owner:      fan(func(s *v1alpha1.ClusterSecretSyncSpec) { s.OnDeselect = v1alpha1.Keep }),
			namespaces: []metav1.PartialObjectMetadata{namespace("a")}, syncs: []*v1alpha1.SecretSync{made(now, "a")},
		},
		"UnknownNamespace": {
			reason: "caches may be at odds", owner: now, syncs: []*v1alpha1.SecretSync{made(now, "a")},
		},
		"Foreign": {
			owner: now, namespaces: append(selected("a", "b"), namespace("c")),
			syncs: []*v1alpha1.SecretSync{
				made(now, "a", func(s *v1alpha1.SecretSync) { s.Labels = nil }),
				made(now, "b", func(s *v1alpha1.SecretSync) { s.Labels[v1alpha1.LabelFanOut] = "another" }),
				made(now, "c", func(s *v1alpha1.SecretSync) { s.Labels = nil }),
			},
			want: outcome{Failures: map[string]string{"a": ReasonNotOwned, "b": ReasonNotOwned}, Counts: [4]int{2}},
		},
		"Changed": {
			reason: "by default all at once", owner: now, namespaces: selected("a", "b"),
			syncs: []*v1alpha1.SecretSync{made(before, "a"), made(before, "b")},
			want:  outcome{Update: []string{"a/cert", "b/cert"}, Counts: [4]int{2, 2, 0, 2}},
		},
		"FirstBatch": {
			owner: fan(percent(50)), namespaces: selected("a", "b", "c", "d"),
			syncs: []*v1alpha1.SecretSync{made(before, "a"), made(before, "b"), made(before, "c"), made(before, "d")},
			want:  outcome{Update: []string{"a/cert", "b/cert"}, Counts: [4]int{4, 4, 0, 4}, Waiting: 2},
		},
		"AtLeastOne": {
			owner: fan(percent(1)), namespaces: selected("a", "b"), syncs: []*v1alpha1.SecretSync{made(before, "a"), made(before, "b")},
			want: outcome{Update: []string{"a/cert"}, Counts: [4]int{2, 2, 0, 2}, Waiting: 1},
		},
		"BatchUnderWay": {
			owner: fan(percent(50)), namespaces: selected("a", "b", "c", "d"),
			syncs: []*v1alpha1.SecretSync{made(now, "a"), made(now, "b", unsettled), made(before, "c"), made(before, "d")},
			want:  outcome{Update: []string{"c/cert"}, Counts: [4]int{4, 4, 2, 3}, Waiting: 1},
		},
		"NewNamespaceDuringARollout": {
			reason: "it has nothing that could break", owner: fan(percent(1)), namespaces: selected("a", "b", "c"),
			syncs: []*v1alpha1.SecretSync{made(now, "a", unsettled), made(before, "b")},
			want:  outcome{Create: []string{"c/cert"}, Counts: [4]int{3, 2, 1, 1}, Waiting: 1},
		},
		"Stopped": {
			owner: fan(percent(50)), namespaces: selected("a", "b", "c"),
			syncs: []*v1alpha1.SecretSync{made(now, "a", told("False", "NotFound")), made(before, "b"), made(before, "c")},
			want: outcome{
				Failures: map[string]string{"a": "NotFound"}, Counts: [4]int{3, 3, 1, 2}, Waiting: 2, Stopped: true,
			},
		},
		"FailuresWithinBounds": {
			namespaces: selected("a", "b"),
			owner:      fan(func(s *v1alpha1.ClusterSecretSyncSpec) { s.Rollout.MaxFailures = new(int32(1)) }),
			syncs:      []*v1alpha1.SecretSync{made(now, "a", told("False", "NotFound")), made(before, "b")},
			want:       outcome{Update: []string{"b/cert"}, Failures: map[string]string{"a": "NotFound"}, Counts: [4]int{2, 2, 1, 1}},
		},
		"FailingComeFirst": {
			reason: "a fix shall reach them", owner: fan(percent(1)), namespaces: selected("a", "b"),
			syncs: []*v1alpha1.SecretSync{made(before, "a"), made(before, "b", told("False", "NotFound"))},
			want: outcome{
				Update: []string{"b/cert"}, Failures: map[string]string{"b": "NotFound"}, Counts: [4]int{2, 2, 0, 1}, Waiting: 1,
			},
		},
		"FailingWithoutARollout": {
			reason: "there is nothing to stop", owner: now, namespaces: selected("a"),
			syncs: []*v1alpha1.SecretSync{made(now, "a", told("False", "NotAllowed"))},
			want:  outcome{Failures: map[string]string{"a": "NotAllowed"}, Counts: [4]int{1, 1, 1, 0}},
		},
		"Paused": {
			owner: fan(path("new"), func(s *v1alpha1.ClusterSecretSyncSpec) { s.Rollout.Pause = new(true) }), namespaces: append(selected("a", "b"), namespace("c")),
			syncs: []*v1alpha1.SecretSync{made(now, "a"), made(now, "c")},
			want:  outcome{Counts: [4]int{2, 1, 0, 1}},
		},
		"SuspendedByHand": {
			reason: "somebody's pause of one namespace holds up no other", owner: fan(percent(50)), namespaces: selected("a", "b"),
			syncs: []*v1alpha1.SecretSync{made(now, "a", told("False", "Paused")), made(before, "b")},
			want:  outcome{Update: []string{"b/cert"}, Counts: [4]int{2, 2, 1, 1}},
		},
		"Edited": {
			reason: "what somebody changed is put back whatever the rollout does",
			owner:  fan(percent(1)), namespaces: selected("a", "b", "c"),
			syncs: []*v1alpha1.SecretSync{
				made(now, "a", func(s *v1alpha1.SecretSync) { s.Spec.Suspend = new(true) }), made(now, "b", unsettled),
				made(now, "c", func(s *v1alpha1.SecretSync) { s.Annotations[v1alpha1.AnnotationRollbackTo] = "3" }),
			},
			want: outcome{Update: []string{"a/cert"}, Counts: [4]int{3, 3, 3, 2}},
		},
		"Contested": {
			owner: now, namespaces: selected("a"),
			syncs: []*v1alpha1.SecretSync{made(now, "a", func(s *v1alpha1.SecretSync) { s.Spec.Suspend = new(true) })},
			held: map[client.ObjectKey]hold{
				{Namespace: "a", Name: fanName}: {hash: templateOf(now).hash, until: noon().Add(time.Second), reason: ReasonContested},
			},
			want: outcome{Failures: map[string]string{"a": ReasonContested}, Counts: [4]int{1, 1, 1, 1}},
		},
		"Refused": {
			reason: "what the API server refuses counts as failing with the new template", owner: fan(percent(50)), namespaces: selected("a", "b"),
			syncs: []*v1alpha1.SecretSync{made(before, "a"), made(before, "b")},
			held: map[client.ObjectKey]hold{
				{Namespace: "a", Name: fanName}: {hash: templateOf(now).hash, until: noon().Add(time.Second), reason: "Forbidden"},
			},
			want: outcome{Failures: map[string]string{"a": "Forbidden"}, Counts: [4]int{2, 2, 0, 2}, Waiting: 2, Stopped: true},
		},
		"RefusedBefore": {
			reason: "another template is tried at once", owner: now, namespaces: selected("a"),
			held: map[client.ObjectKey]hold{{Namespace: "a", Name: fanName}: {hash: "old", until: noon().Add(time.Second), reason: "Forbidden"}},
			want: outcome{Create: []string{"a/cert"}, Counts: [4]int{1}},
		},
		"Renamed": {
			reason: "the old one stays until the new one is Ready", namespaces: selected("a", "b"),
			owner: fan(func(s *v1alpha1.ClusterSecretSyncSpec) { s.SecretSync.Name = "cert-{namespace}" }),
			syncs: []*v1alpha1.SecretSync{made(now, "a"), made(now, "b"), made(now, "b", named("cert-b"))},
			want:  outcome{Create: []string{"a/cert-a"}, Remove: []string{"b/cert"}, Counts: [4]int{2, 1, 1, 1}},
		},
		"NoSuchLabel": {
			owner:      fan(func(s *v1alpha1.ClusterSecretSyncSpec) { s.SecretSync.Name = "cert-{label:team}" }),
			namespaces: append(selected("a"), namespace("b", "fan", "yes", "team", "blue"), namespace("c", "fan", "yes", "team", "Blue")),
			syncs:      []*v1alpha1.SecretSync{made(now, "a")},
			want: outcome{
				Create: []string{"b/cert-blue"}, Counts: [4]int{3},
				Failures: map[string]string{"a": backend.ReasonLabelMissing, "c": backend.ReasonInvalidPlaceholder},
			},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := planOf(seen{owner: tc.owner, home: home, namespaces: tc.namespaces, syncs: mapOf(tc.syncs...), held: tc.held, now: noon()})
			if diff := cmp.Diff(tc.want, outcomeOf(got)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

// TestPlanWithoutASelection: a selector that is none changes nothing.
func TestPlanWithoutASelection(t *testing.T) {
	owner := fan(func(s *v1alpha1.ClusterSecretSyncSpec) {
		s.Namespaces.Selector.MatchExpressions = []metav1.LabelSelectorRequirement{{Key: "a", Operator: "Near"}}
	})
	p := planOf(seen{owner: owner, namespaces: selected("a"), syncs: mapOf(made(fan(), "a"), made(fan(), "b")), now: noon()})
	if p.err == nil || len(p.create)+len(p.update)+len(p.remove) > 0 {
		t.Errorf("error %v, plan %+v", p.err, outcomeOf(p))
	}
}

// TestWhatOthersPutOnASecretSyncStays holds for labels, annotations and owners.
func TestWhatOthersPutOnASecretSyncStays(t *testing.T) {
	labelled := func(key string) func(*v1alpha1.ClusterSecretSyncSpec) {
		return func(s *v1alpha1.ClusterSecretSyncSpec) {
			s.SecretSync.Metadata.Labels = map[string]v1alpha1.LabelValue{key: "x"}
		}
	}
	have := made(fan(labelled("old")), "a", func(s *v1alpha1.SecretSync) {
		s.Labels["theirs"], s.Annotations[v1alpha1.AnnotationPauseUntil] = "y", "z"
		s.OwnerReferences = []metav1.OwnerReference{{Kind: "ConfigMap", Name: fanName}}
	})
	going := fan(labelled("new"), func(s *v1alpha1.ClusterSecretSyncSpec) { s.OnDelete = v1alpha1.Delete })
	got := templateOf(going).apply(have)
	if diff := cmp.Diff([]string{"new", v1alpha1.LabelFanOut, "theirs"}, slices.Sorted(maps.Keys(got.Labels))); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
	if got.Annotations[v1alpha1.AnnotationPauseUntil] != "z" || len(got.OwnerReferences) != 2 || got.OwnerReferences[1].UID != "uid" {
		t.Errorf("got %+v", got.ObjectMeta)
	}
	if staying := templateOf(fan()).apply(got); len(staying.OwnerReferences) != 1 || staying.Labels["new"] != "" {
		t.Errorf("got %+v", staying.ObjectMeta)
	}
}
