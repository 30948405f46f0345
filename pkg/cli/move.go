// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/cli/plan"
	"github.com/secretsync/secretsync/pkg/workload"
)

// parallel is how many requests are made at once for a group.
const parallel = 16

// move is one SecretSync on its way to another revision.
type move struct {
	sync *v1alpha1.SecretSync
	// to is the number it will serve; release ends the hold instead of holding it.
	to      int64
	release bool
	// at is the moment that is gone back to; zero if to was asked for otherwise.
	at time.Time
	// annotations to set, or, where nil, to remove.
	annotations map[string]any
}

// moveFlags are the flags of all commands that change what is served.
type moveFlags struct {
	restart, wait, dryRun bool
	timeout               time.Duration
}

func (f *moveFlags) add(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.restart, "restart", false, "once all Secrets are written, restart the workloads that need it; implies --wait")
	cmd.Flags().BoolVar(&f.wait, "wait", false, "wait until the Secret holds the revision")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "show the plan and write nothing")
	addTimeout(cmd, &f.timeout)
}

// waits reports whether the command ends only after the operator's answer.
func (f *moveFlags) waits() bool { return f.wait || f.restart }

func addTimeout(cmd *cobra.Command, timeout *time.Duration) {
	cmd.Flags().DurationVar(timeout, "timeout", time.Minute, "how long to wait")
}

// plans reads what the plans need. What cannot be read is said in them.
func (s *session) plans(ctx context.Context, moves []move) ([]plan.Plan, error) {
	workloads := &workloadsByNamespace{session: s, known: map[string]*inNamespace{}}
	plans := make([]plan.Plan, len(moves))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for i := range moves {
		group.Go(func() error {
			plans[i] = s.plan(ctx, &moves[i], workloads)
			return ctx.Err()
		})
	}
	return plans, group.Wait()
}

func (s *session) plan(ctx context.Context, m *move, workloads *workloadsByNamespace) plan.Plan {
	in := plan.Input{Sync: m.sync, To: m.to, At: m.at, Release: m.release, Now: s.now()}
	var gap string
	if in.Workloads, gap = workloads.in(ctx, m.sync.Namespace); gap != "" {
		in.Gaps = append(in.Gaps, gap)
	}
	var err error
	if in.Before, err = s.servedContent(ctx, m.sync); err == nil {
		in.After, err = s.revisionContent(ctx, m.sync, m.to)
	}
	if err != nil {
		in.Gaps = append(in.Gaps, "which keys change is not known: "+unread(err, m.sync.Namespace))
	}
	return plan.New(in)
}

// unread says why a Secret could not be read. For want of the right it names no Secret, so
// that it is the same for all of a namespace, and is told once.
func unread(err error, namespace string) string {
	if apierrors.IsForbidden(err) {
		return fmt.Sprintf("you may not read Secrets in namespace %q; it takes a Role with the rule %s", namespace, secrets(namespace).rule())
	}
	return err.Error()
}

// workloadsByNamespace lists the workloads of each namespace once, whoever asks first.
type workloadsByNamespace struct {
	session *session
	mutex   sync.Mutex
	known   map[string]*inNamespace
}

type inNamespace struct {
	once      sync.Once
	workloads []workload.Workload
	gap       string
}

func (w *workloadsByNamespace) in(ctx context.Context, namespace string) ([]workload.Workload, string) {
	w.mutex.Lock()
	if w.known[namespace] == nil {
		w.known[namespace] = &inNamespace{}
	}
	found := w.known[namespace]
	w.mutex.Unlock()
	found.once.Do(func() { found.workloads, found.gap = w.session.workloads(ctx, namespace) })
	return found.workloads, found.gap
}
