// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fieldowner"
)

// errChanged is in the chain of the error about a SecretSync of which the plan is not true
// any more.
var errChanged = errors.New("it was changed meanwhile")

// write asks the operator for the moves, many at once. It returns the error of each that
// could not be asked for, by namespace/name.
func (s *session) write(ctx context.Context, moves []move, options ...client.PatchOption) map[string]error {
	failed := map[string]error{}
	var mutex sync.Mutex
	var group errgroup.Group
	group.SetLimit(parallel)
	for i := range moves {
		m := &moves[i]
		group.Go(func() error {
			if err := s.writeMove(ctx, m, options...); err != nil {
				mutex.Lock()
				defer mutex.Unlock()
				failed[key(m.sync)] = err
			}
			return nil
		})
	}
	_ = group.Wait() // no function above returns an error
	return failed
}

// writeMove writes the annotations of one move to the object that the plan was made of. Where
// somebody wrote it since, it is read again: what was planned is done if the plan still holds,
// and never over somebody else's request.
func (s *session) writeMove(ctx context.Context, m *move, options ...client.PatchOption) error {
	version := m.sync.ResourceVersion
	return retry.RetryOnConflict(retry.DefaultRetry, func() error {
		err := s.annotateVersion(ctx, m.sync, version, m.annotations, options...)
		if !apierrors.IsConflict(err) {
			return err
		}
		now, readErr := s.read(ctx, id(m.sync))
		if readErr != nil {
			return readErr
		}
		if m.over(now) {
			return nil
		}
		if changed := m.changed(now); changed != nil {
			return changed
		}
		version = now.ResourceVersion
		return err
	})
}

// over reports whether the hold that the move ends has ended by now, as the operator's answer
// to the same request before.
func (m *move) over(now *v1alpha1.SecretSync) bool {
	return m.release && now.Annotations[v1alpha1.AnnotationRollbackTo] == "" && m.done(&now.Status)
}

// changed returns an error if what the plan was made of is not so any more.
func (m *move) changed(now *v1alpha1.SecretSync) error {
	for _, name := range []string{v1alpha1.AnnotationRollbackTo, v1alpha1.AnnotationRollbackGroup} {
		if was, is := m.sync.Annotations[name], now.Annotations[name]; was != is {
			by := fieldowner.Of(now.ManagedFields, "", fieldowner.Annotation(name))
			return fmt.Errorf("%w: %s was %q and is %q (written by %s): look, and run it again", errChanged, name, was, is, by)
		}
	}
	if was, is := m.sync.Status.ServingRevision, now.Status.ServingRevision; was != is {
		return fmt.Errorf("%w: revision %d was served and %d is: look, and run it again", errChanged, was, is)
	}
	if m.sync.UID != now.UID {
		return fmt.Errorf("%w: it was deleted and created anew: look, and run it again", errChanged)
	}
	return nil
}
