// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"encoding/json"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/revision"
	"github.com/secretsync/secretsync/pkg/sensitive"
	"github.com/secretsync/secretsync/pkg/target"
)

// claiming makes a Secret one of somebody else's, in which shop/db has these keys.
func claiming(keys ...string) func(*corev1.Secret) {
	return func(s *corev1.Secret) {
		text, err := json.Marshal(target.Claim{Owner: "shop/db", Revision: 3, Keys: keys})
		if err != nil {
			panic(err)
		}
		s.Annotations = map[string]string{v1alpha1.AnnotationMergePrefix + "db": string(text)}
	}
}

// TestRestartingOfKeys: where only keys of a Secret are ours, other data of these restarts, and
// neither the owner's keys nor those that are taken over.
func TestRestartingOfKeys(t *testing.T) {
	keys := revision.Keys{Current: []byte("key")}
	old, changed := passwords("Opaque", "old"), passwords("Opaque", "new")
	with := func(content render.Content, key, value string) render.Content {
		more := render.FromSecret(content.Type, content.Reveal())
		more.Data[key] = sensitive.FromString(value)
		return more
	}
	theirs := func(s *corev1.Secret) { s.Data["token"] = []byte("theirs") }
	offered := func(s *corev1.Secret) { s.Annotations[v1alpha1.AnnotationAdoptBy] = "db" }
	unclaimed := func(s *corev1.Secret) { s.Annotations = nil }
	type edits = []func(*corev1.Secret)
	cases := map[string]struct {
		reason  string
		number  int64
		content render.Content
		found   edits
		lost    bool // the status knows no digests
		renamed bool // spec.target.name was another until now
		want    int64
	}{
		"Changed":        {number: 4, content: changed, want: 4},
		"OneKeyMore":     {number: 4, content: with(old, "user", "u"), want: 4},
		"OwnersEdit":     {reason: "it is the owner's", number: 4, content: old, found: edits{theirs}},
		"Repair":         {number: 3, content: old, found: edits{func(s *corev1.Secret) { s.Data = nil }}},
		"ClaimRemoved":   {reason: "what was served says whose they are", number: 4, content: changed, found: edits{unclaimed}, want: 4},
		"Adopted":        {reason: "its owner had it", number: 5, content: with(old, "token", "ours"), found: edits{theirs, offered}},
		"AdoptedAndMore": {reason: "our own changed with it", number: 5, content: with(changed, "token", "ours"), found: edits{theirs, offered}, want: 5},
		"Refused":        {number: 4, content: with(changed, "token", "ours"), found: edits{theirs}},
		"Moved":          {reason: "Pods could not read us there", renamed: true, number: 4, content: changed, found: edits{unclaimed, func(s *corev1.Secret) { s.Data = nil }}},
		"LostAndSame":    {lost: true, number: 4, content: old},
		"LostAndChanged": {lost: true, number: 4, content: changed, want: 4},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			u := newRun(func(u *run) {
				u.known.Serving, u.decision.Serve = 3, tc.number
				u.object.Spec.Restart, u.object.Spec.Target.Mode = &v1alpha1.Restart{}, v1alpha1.ModeMerge
				u.status.TargetMode = v1alpha1.ModeMerge
				if tc.renamed {
					u.status.Target = "before"
				}
				if !tc.lost {
					u.status.History = []v1alpha1.HistoryEntry{{Revision: 3, Digest: keys.Digest(u.id(3), old.Type, old.Data)}}
				}
			})
			before := old
			live := looked(t, u, old, append(edits{claiming("password")}, tc.found...)...).Judged(tc.content, &before)
			r := &Reconciler{Options: Options{Keys: keys}}
			if got := r.restarting(u, live, tc.number, tc.content); got != tc.want {
				t.Errorf("restarting = %d, want %d: %s", got, tc.want, tc.reason)
			}
		})
	}
}
