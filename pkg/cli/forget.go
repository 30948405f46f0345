// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/client-go/util/retry"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/cli/timeline"
)

// forgetFlags are the flags of the command forget.
type forgetFlags struct {
	waitFlags

	yes bool
}

func (a *app) forgetCommand() *cobra.Command {
	f := &forgetFlags{}
	cmd := &cobra.Command{
		Use:   "forget NAME REVISION...",
		Short: "Delete revisions for good, as after a leak",
		Long: "Delete revisions for good, as after a leak. Their numbers are not used again. What is served, held or\n" +
			"the newest cannot be forgotten. The backend keeps its versions, and backups of the cluster keep theirs.",
		Example: "  kubectl secretsync forget payments-db 3 4 --wait",
		Args:    cobra.MinimumNArgs(2),
		RunE: a.run(func(ctx context.Context, s *session, args []string) error {
			return s.forget(ctx, f, args[0], args[1:])
		}),
	}
	addYes(cmd, &f.yes)
	f.add(cmd, "the revisions are gone")
	a.completeNames(cmd, -1)
	return cmd
}

func (s *session) forget(ctx context.Context, f *forgetFlags, name string, texts []string) error {
	sync, err := s.get(ctx, name)
	if err != nil {
		return err
	}
	numbers, err := parseRevisions(texts)
	if err != nil {
		return err
	}
	there, err := s.toDelete(ctx, sync, numbers)
	if err != nil || len(there) == 0 {
		return err
	}
	s.say("%s: %s will be DELETED for good.", key(sync), revisionsText(there))
	s.say("Not undone: the versions in the backend, backups of the cluster, and whatever has read the values.")
	if !f.yes {
		if err := s.confirm(ctx, "Delete?"); err != nil {
			return err
		}
	}
	if err := s.askToForget(ctx, name, there); err != nil {
		return err
	}
	if f.wait {
		return s.awaitForgotten(ctx, f, sync, there)
	}
	s.say("%s: asked to forget %s", key(sync), revisionsText(there))
	return nil
}

// toDelete returns which of the revisions there are, listed by the status or not, and says what
// one should know of the others. Its error says that one is in use, or that none could be seen.
func (s *session) toDelete(ctx context.Context, sync *v1alpha1.SecretSync, numbers []int64) ([]int64, error) {
	listed, unlisted, err := forgettable(sync, numbers)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key(sync), err)
	}
	hidden, unseen := s.hidden(ctx, sync, unlisted)
	there := slices.Concat(listed, hidden)
	switch {
	case len(there) == 0 && unseen != nil:
		return nil, fmt.Errorf("%s: the status lists none of them, and whether their Secrets are there could not be checked: %w", key(sync), unseen)
	case len(there) == 0:
		s.say("%s: none of them is kept: nothing to do; %s.", key(sync), timeline.Choice(&sync.Status))
	case unseen != nil:
		s.say("Note: whether all of the others are gone could not be checked: %v.", unseen)
	}
	for _, n := range hidden {
		s.say("Note: the status does not list revision %d, and its Secret is there. If it stays: kubectl delete secret -n %s %s",
			n, sync.Namespace, revisionName(sync, n))
	}
	return there, nil
}

// forgettable returns which of the revisions the status lists, and which not; and an error if
// one of them is in use.
func forgettable(sync *v1alpha1.SecretSync, numbers []int64) (listed, unlisted []int64, err error) {
	status := &sync.Status
	for _, n := range numbers {
		asked := sync.Annotations[v1alpha1.AnnotationRollbackTo] == strconv.FormatInt(n, 10)
		switch marks := timeline.Marks(status, n); {
		case asked, slices.Contains(marks, "held"):
			return nil, nil, fmt.Errorf("%w: revision %d is held: follow, or roll back to another one, first", errUsage, n)
		case slices.Contains(marks, "newest"):
			return nil, nil, fmt.Errorf("%w: revision %d is the newest: write a new value in the backend first, and refresh", errUsage, n)
		case slices.Contains(marks, "serving"):
			return nil, nil, fmt.Errorf("%w: revision %d is served: let another one be served first", errUsage, n)
		case slices.Contains(listed, n), slices.Contains(unlisted, n):
		case slices.Contains(timeline.Numbers(status), n):
			listed = append(listed, n)
		default:
			unlisted = append(unlisted, n)
		}
	}
	return listed, unlisted, nil
}

// askToForget adds the numbers to those that wait to be forgotten. Two people who do so at
// once do not lose each other's, because the patch names the version of the object it adds to.
func (s *session) askToForget(ctx context.Context, name string, numbers []int64) error {
	return retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		sync, err := s.get(ctx, name)
		if err != nil {
			return err
		}
		patch, err := json.Marshal(map[string]any{"metadata": map[string]any{
			"resourceVersion": sync.ResourceVersion,
			"annotations":     map[string]string{v1alpha1.AnnotationForget: toForget(sync, numbers)},
		}})
		if err != nil {
			return fmt.Errorf("encoding a patch: %w", err)
		}
		return s.patch(ctx, sync, patch)
	})
}

// toForget is the annotation with the numbers added; those that are gone leave it.
func toForget(sync *v1alpha1.SecretSync, numbers []int64) string {
	kept := timeline.Numbers(&sync.Status)
	all := slices.Clone(numbers)
	for text := range strings.SplitSeq(sync.Annotations[v1alpha1.AnnotationForget], ",") {
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err == nil && slices.Contains(kept, n) && !slices.Contains(all, n) {
			all = append(all, n)
		}
	}
	slices.Sort(all)
	return join(all, ",")
}

func revisionsText(numbers []int64) string {
	if len(numbers) == 1 {
		return "revision " + join(numbers, "")
	}
	return "revisions " + join(numbers, ", ")
}

func join(numbers []int64, separator string) string {
	var texts []string
	for _, n := range numbers {
		texts = append(texts, strconv.FormatInt(n, 10))
	}
	return strings.Join(texts, separator)
}
