// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package clustersecretsync

import (
	"cmp"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
)

// Reasons why a namespace has no SecretSync, or not the one it should have.
const (
	// ReasonNotOwned: there is a SecretSync of the name that belongs to somebody else.
	ReasonNotOwned = "NotOwned"
	// ReasonContested: what is put back does not last, because somebody changes it again.
	ReasonContested = "Contested"
)

// seen is all that a plan is made from.
type seen struct {
	owner *v1alpha1.ClusterSecretSync
	// home is the operator's namespace.
	home string
	// namespaces there are.
	namespaces []metav1.PartialObjectMetadata
	// syncs are the SecretSyncs there are, of whomever.
	syncs map[client.ObjectKey]*v1alpha1.SecretSync
	// held are writes that are not to be tried now.
	held map[client.ObjectKey]hold
	// unseen is when it has to be looked again for what was written, and may never be seen: it
	// was undone at once. Zero if all was seen.
	unseen     time.Time
	departures departures
	// reached are SecretSyncs that were seen as the template is.
	reached reached
	now     time.Time
}

// hold keeps a write from being tried again and again.
type hold struct {
	// hash of the template that it is about; another one is tried at once.
	hash string
	// until then.
	until           time.Time
	reason, message string
	// passing says that it is no fault of the template, and may pass by itself.
	passing bool
}

// plan is what to do, and what to tell.
type plan struct {
	create, update, remove []*v1alpha1.SecretSync
	// release are those that lose their ownerReference, and nothing else.
	release []*v1alpha1.SecretSync
	// undo are those of update that somebody changed by hand.
	undo map[client.ObjectKey]bool

	template template
	counts   counts
	// failures by namespace.
	failures map[string]v1alpha1.NamespaceFailure
	// waiting is how many wait to be changed, broken how many fail with the template as it is,
	// and stopped that the first wait because of the second.
	waiting, broken int
	stopped, paused bool
	// blocked are those that would be removed, and that safety keeps, where so many namespaces
	// have one; accepted are those that somebody let go.
	blocked  *v1alpha1.BlockedRemoval
	kept     int
	accepted map[types.UID]bool
	// again is when something that is held back may go on; zero if nothing is.
	again time.Time
	// err is why nothing can be planned.
	err error

	// names are those of the SecretSyncs that the selected namespaces shall have, settled
	// the namespaces whose one is Ready and as the template is now.
	names   map[string]string
	settled map[string]bool
	// reached are SecretSyncs that are as the template is, or were before somebody changed them.
	reached reached
}

// counts are those of the status.
type counts struct{ selected, created, updated, ready int }

// change sorts the SecretSyncs during a change of the template.
type change struct {
	outdated []*v1alpha1.SecretSync
	// busy are changed and not settled.
	busy int
}

// planOf decides. It touches what carries the label of the owner, and of all else no more than an
// ownerReference to it; it changes no more at a time than the rollout lets; and it creates, changes
// and deletes nothing where the selection is wrong.
func planOf(s seen) plan {
	p := plan{
		template: templateOf(s.owner), paused: s.owner.Spec.Rollout.Paused(),
		undo: map[client.ObjectKey]bool{}, failures: map[string]v1alpha1.NamespaceFailure{},
		names: map[string]string{}, settled: map[string]bool{}, again: s.unseen,
		reached: reached{syncs: map[types.UID]bool{}},
	}
	p.reached.hash = p.template.hash
	selected, err := selectionOf(s.owner.Spec.Namespaces, s.home)
	if err != nil {
		p.err = err
		p.free(&s)
		return p
	}
	var c change
	for i := range s.namespaces {
		namespace := &s.namespaces[i]
		if selected.has(namespace) && namespace.DeletionTimestamp.IsZero() {
			p.counts.selected++
			p.serve(&s, namespace, &c)
		}
	}
	p.roll(&s, c)
	p.clear(&s)
	if p.paused {
		p.create, p.update, p.remove = nil, nil, nil
	}
	p.free(&s)
	return p
}

// serve plans for one selected namespace.
func (p *plan) serve(s *seen, namespace *metav1.PartialObjectMetadata, c *change) {
	name, err := p.template.name(namespace)
	p.names[namespace.Name] = name
	if err != nil {
		p.fail(namespace.Name, fault.ReasonOf(err), fault.As(err).Message)
		return
	}
	key := client.ObjectKey{Namespace: namespace.Name, Name: name}
	have := s.syncs[key]
	switch {
	case have == nil && p.mayWrite(s, key):
		p.create = append(p.create, p.template.apply(&v1alpha1.SecretSync{ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name}}))
	case have == nil:
	case !ours(have, s.owner):
		p.fail(namespace.Name, ReasonNotOwned, "SecretSync \""+name+"\" is there, and belongs to somebody else; it is not touched")
	case have.DeletionTimestamp.IsZero(): // The end of one that goes wakes us.
		p.keep(s, have, c)
	}
}

// ours reports whether a SecretSync belongs to a ClusterSecretSync.
func ours(sync *v1alpha1.SecretSync, owner *v1alpha1.ClusterSecretSync) bool {
	return sync.Labels[v1alpha1.LabelFanOut] == owner.Name
}

// keep plans for one SecretSync of ours.
func (p *plan) keep(s *seen, have *v1alpha1.SecretSync, c *change) {
	key, fares := client.ObjectKeyFromObject(have), judge(have)
	p.counts.created++
	if fares.ready {
		p.counts.ready++
	}
	if fares.failing {
		p.fail(have.Namespace, fares.reason, fares.message)
	}
	if !p.template.current(have) && !s.reached.has(p.template, have) {
		c.outdated = append(c.outdated, have)
		return
	}
	p.reached.syncs[have.UID] = true
	p.counts.updated++
	p.settled[have.Namespace] = fares.ready
	switch {
	case fares.open:
		c.busy++
	case fares.failing:
		p.broken++
	}
	if p.template.edited(have) && p.mayWrite(s, key) {
		p.update, p.undo[key] = append(p.update, have), p.template.changed(have)
	}
}

// roll adds to the updates as many of the outdated as may be changed now: those that fail
// first, which have nothing to lose, and which a fix shall reach.
func (p *plan) roll(s *seen, c change) {
	var open []*v1alpha1.SecretSync
	for _, have := range c.outdated {
		key := client.ObjectKeyFromObject(have)
		switch {
		case p.mayWrite(s, key):
			open = append(open, have)
		case !s.held[key].passing:
			p.broken++
		}
	}
	p.stopped = len(c.outdated) > 0 && p.broken > s.owner.Spec.Rollout.MaxFailuresOrDefault()
	slices.SortFunc(open, func(a, b *v1alpha1.SecretSync) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Namespace, b.Namespace))
	})
	limit := max(1, p.counts.selected*s.owner.Spec.Rollout.MaxPercentOrDefault()/100)
	free := min(len(open), max(0, limit-c.busy))
	if p.stopped {
		free = 0
	}
	p.update = append(p.update, open[:free]...)
	p.waiting = len(c.outdated) - free
}

// rank orders those that fail before the others.
func rank(sync *v1alpha1.SecretSync) int {
	if judge(sync).failing {
		return 0
	}
	return 1
}

// clear plans the end of what is ours and not wanted any more, as far as safety lets it go.
func (p *plan) clear(s *seen) {
	if s.owner.Spec.OnDeselect == v1alpha1.Keep {
		return
	}
	unwanted, kept := p.unwanted(s)
	mayGo := p.guard(s, unwanted, kept)
	for _, have := range unwanted {
		// One of an old name stays until the one of the new name is Ready.
		_, renamed := p.names[have.Namespace]
		if mayGo(have) && (!renamed || p.settled[have.Namespace]) && p.mayWrite(s, heldAs(client.ObjectKeyFromObject(have), removing)) {
			p.remove = append(p.remove, have)
		}
	}
}

// unwanted returns what is ours in namespaces that are not selected, or under an old name, and
// which namespaces have something of ours. In one that is not known, or on its way out, all is left
// alone, and everywhere what somebody made by copying one of ours.
func (p *plan) unwanted(s *seen) (unwanted []*v1alpha1.SecretSync, kept sets.Set[string]) {
	alive := s.alive()
	kept = sets.New[string]()
	for key, have := range s.syncs {
		if !ours(have, s.owner) || copied(have) || !have.DeletionTimestamp.IsZero() || !alive[key.Namespace] {
			continue
		}
		kept.Insert(key.Namespace)
		if p.leftOver(have) {
			unwanted = append(unwanted, have)
		}
	}
	return unwanted, kept
}

// leftOver reports whether the namespace of a SecretSync is not to have it any more.
func (p *plan) leftOver(have *v1alpha1.SecretSync) bool {
	name, selected := p.names[have.Namespace]
	return !selected || name != "" && name != have.Name
}

// mayWrite reports whether a SecretSync may be written now. If not, the reason is a failure
// of its namespace.
func (p *plan) mayWrite(s *seen, key client.ObjectKey) bool {
	held, is := s.held[key]
	if !is || held.hash != p.template.hash || !s.now.Before(held.until) {
		return true
	}
	p.fail(key.Namespace, held.reason, held.message)
	p.comeBack(held.until)
	return false
}

// comeBack notes when something that is held back may go on.
func (p *plan) comeBack(at time.Time) { p.again = earliest(p.again, at) }

// fail notes why a namespace does not have what it should; the first reason stays.
func (p *plan) fail(namespace, reason, message string) {
	if _, known := p.failures[namespace]; !known {
		p.failures[namespace] = v1alpha1.NamespaceFailure{Namespace: namespace, Reason: reason, Message: message}
	}
}
