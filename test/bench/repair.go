// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/test/bench/measure"
	"github.com/secretsync/secretsync/test/cluster"
)

const (
	// repaired is how many Secrets are edited or deleted, one at a time.
	repaired = 100
	// repairTarget is the longest that 99 of 100 repairs take.
	repairTarget = time.Second
	// followClosely is how often logs are looked at while a repair is under way.
	followClosely = 5 * time.Millisecond
)

// repairs edits and deletes Secrets of a fleet in turn and measures their repair, counted
// from the API server's answer to the edit to its answer to the repair.
func (s *suite) repairs(ctx context.Context, w *world, f fleet, among int) error {
	if err := w.skipLogs(); err != nil {
		return err
	}
	var edits, deletions []time.Duration
	for i := range repaired {
		key := f.key(i % f.objects)
		act, delays := w.edit, &edits
		if i%2 == 1 {
			act, delays = w.remove, &deletions
		}
		if err := act(ctx, key); err != nil {
			return err
		}
		took, err := w.awaitRepair(ctx, key)
		if err != nil {
			return err
		}
		*delays = append(*delays, took)
	}
	s.judgeDelays(fmt.Sprintf("a hand-edited Secret is repaired, %d objects", among), edits, repairTarget, 99)
	s.judgeDelays(fmt.Sprintf("a deleted Secret is repaired, %d objects", among), deletions, repairTarget, 99)
	entries, err := w.reads.Read()
	if err != nil {
		return err
	}
	caused := 0
	for _, e := range entryReads(entries, operatorLogin) {
		if strings.HasPrefix(e.Request.Path, mount+"/data/"+f.entries+"/") {
			caused++
		}
	}
	s.add(measure.Row{
		What: fmt.Sprintf("backend reads for %d repairs", repaired), Measured: fmt.Sprint(caused),
		Target: "0", Verdict: measure.Judge(caused == 0),
	})
	return nil
}

func (w *world) edit(ctx context.Context, key client.ObjectKey) error {
	var secret corev1.Secret
	if err := w.client.Get(ctx, key, &secret); err != nil {
		return fmt.Errorf("reading a Secret: %w", err)
	}
	secret.Data["password"] = []byte("edited-by-hand")
	if err := w.client.Update(ctx, &secret, client.FieldOwner("kubectl-edit")); err != nil {
		return fmt.Errorf("editing a Secret: %w", err)
	}
	return nil
}

func (w *world) remove(ctx context.Context, key client.ObjectKey) error {
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name}}
	if err := w.client.Delete(ctx, secret); err != nil {
		return fmt.Errorf("deleting a Secret: %w", err)
	}
	return nil
}

// awaitRepair waits until the operator wrote a Secret after somebody else did, and returns
// how long it took.
func (w *world) awaitRepair(ctx context.Context, key client.ObjectKey) (time.Duration, error) {
	var broken, repaired time.Time
	err := w.calls.Await(ctx, followClosely, func(events []cluster.AuditEvent) bool {
		for _, call := range measure.Calls(events, "") {
			if call.Resource != "secrets" || call.Namespace != key.Namespace || call.Name != key.Name || call.Code >= 300 {
				continue
			}
			byOperator := strings.HasPrefix(call.Agent, operatorAgent)
			switch call.Verb {
			case "delete":
				broken = call.Answered
			case "update":
				if byOperator {
					repaired = call.Answered
				} else {
					broken = call.Answered
				}
			case "create":
				repaired = call.Answered
			}
		}
		return repaired.After(broken) && !broken.IsZero()
	})
	return repaired.Sub(broken), err
}
