// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"fmt"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/poll"
)

// probeAgain is how often a backend is probed that gives no reason to: its credential may
// have been prolonged or replaced.
const probeAgain = time.Hour

// probe subscribes to one probe of the backend, and asks for another when a credential
// changed, an hour has passed, or every read has come to fail though it answers. It returns
// what the last one found.
func (r *Reconciler) probe(s *subject, credentials string) (known bool, err error) {
	key, id := client.ObjectKeyFromObject(s.object), s.subscriber()
	source := r.Opener.Source(s.backend(), s.object.GetNamespace())
	r.Poller.Subscribe(id, poll.Subscription{Epoch: source.Identity, Wants: []poll.Want{{Source: source}}})
	if snapshot, ok := r.Poller.Peek(id); ok {
		r.memory.change(key, func(m *seen) { m.epoch, m.err = snapshot.Epoch, snapshot.Results[0].Err })
		r.Poller.Ack(id, snapshot.Seq)
	}
	health := r.Poller.Health(s.key())
	due := fmt.Sprintf("%s/%d", credentials, r.Clock.Now().Unix()/int64(probeAgain.Seconds()))
	probe := false
	last := r.memory.change(key, func(m *seen) {
		failing := m.err == nil && health.Reachable && health.Entries > 0 && health.Failing == health.Entries
		if probe = failing || m.due != "" && m.due != due; probe {
			m.probes++
		}
		m.due = due
	})
	if probe {
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
