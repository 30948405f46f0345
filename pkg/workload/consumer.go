// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package workload

import (
	"slices"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// Consumer is a workload that reads a Secret.
type Consumer struct {
	Workload

	// Uses are the places where it does, never empty.
	Uses []Use
}

// Find returns the workloads that read the Secret of that name, in their order. Those of
// another namespace are no consumers.
func Find(namespace, secret string, workloads []Workload) []Consumer {
	var found []Consumer
	for i := range workloads {
		w := &workloads[i]
		if w.Namespace != namespace {
			continue
		}
		if uses := Uses(secret, &w.Pod); len(uses) > 0 {
			found = append(found, Consumer{Workload: *w, Uses: uses})
		}
	}
	return found
}

// Stale reports whether running Pods keep old values of what changes; if the changes are
// not known (nil), all are taken to change.
func (c Consumer) Stale(changes *v1alpha1.KeyChanges) bool {
	return slices.ContainsFunc(c.Uses, func(u Use) bool {
		return !u.Means.UpdatesItself() && (changes == nil || len(u.Reads(touched(changes))) > 0)
	})
}

// Concerned reports whether the consumer reads anything that changes; if the changes are
// not known (nil), it does.
func (c Consumer) Concerned(changes *v1alpha1.KeyChanges) bool {
	return changes == nil || slices.ContainsFunc(c.Uses, func(u Use) bool { return len(u.Reads(touched(changes))) > 0 })
}

// Breaks returns the uses without which its Pods do not start once the keys are removed.
func (c Consumer) Breaks(removed []string) []Use {
	return c.having(func(u Use) bool { return len(u.Breaks(removed)) > 0 })
}

// Loses returns the uses that go on without the removed keys: the variable or file is gone.
func (c Consumer) Loses(removed []string) []Use {
	return c.having(func(u Use) bool {
		return len(u.Breaks(removed)) == 0 && len(u.Reads(removed)) > 0 && u.Means != ImagePull
	})
}

// Freezes reports whether its running Pods keep all old files once the keys are removed.
func (c Consumer) Freezes(removed []string) bool {
	return slices.ContainsFunc(c.Uses, func(u Use) bool { return u.Freezes(removed) })
}

// OnlyPulls reports whether the Secret is its credential for images and nothing else.
func (c Consumer) OnlyPulls() bool {
	return !slices.ContainsFunc(c.Uses, func(u Use) bool { return u.Means != ImagePull })
}

// Is reports whether both are the same workload, by whatever Secret it was found.
func (c Consumer) Is(other Consumer) bool {
	return c.Kind == other.Kind && c.Namespace == other.Namespace && c.Name == other.Name
}

// Restartable reports whether a change of its Pod template renews its Pods.
func (c Consumer) Restartable() bool { return c.ByHand == "" }

func (c Consumer) having(holds func(Use) bool) []Use {
	return slices.DeleteFunc(slices.Clone(c.Uses), func(u Use) bool { return !holds(u) })
}

func touched(changes *v1alpha1.KeyChanges) []string {
	return slices.Concat(changes.Changed, changes.Removed, changes.Added)
}
