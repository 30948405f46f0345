// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"strconv"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/poll"
)

// probe subscribes to one probe of the backend, asks for another when every read of it
// has come to fail though it answers, and returns what the last one found.
func (r *Reconciler) probe(s *subject) (known bool, err error) {
	key, id := client.ObjectKeyFromObject(s.object), s.subscriber()
	source := r.Opener.Source(s.backend(), s.object.GetNamespace())
	r.Poller.Subscribe(id, poll.Subscription{Epoch: source.Identity, Wants: []poll.Want{{Source: source}}})
	if snapshot, ok := r.Poller.Peek(id); ok {
		r.memory.change(key, func(m *seen) { m.epoch, m.err = snapshot.Epoch, snapshot.Results[0].Err })
		r.Poller.Ack(id, snapshot.Seq)
	}
	last := r.memory.change(key, func(*seen) {})
	health := r.Poller.Health(s.key())
	if last.err == nil && health.Reachable && health.Entries > 0 && health.Failing == health.Entries {
		last = r.memory.change(key, func(m *seen) { m.probes++ })
		r.Poller.Refresh(id, strconv.Itoa(last.probes))
	}
	return last.epoch == source.Identity, last.err
}

// subscriber names a backend as a subscriber of the poller; the slash in it keeps it
// apart from every SecretSync.
func subscriber(kind string, key client.ObjectKey) types.NamespacedName {
	return types.NamespacedName{Namespace: key.Namespace, Name: kind + "/" + key.Name}
}

func (s *subject) subscriber() types.NamespacedName {
	return subscriber(s.kind, client.ObjectKeyFromObject(s.object))
}
