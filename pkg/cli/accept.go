// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/cli/plan"
	"github.com/secretsync/secretsync/pkg/workload"
)

// acceptFlags are the flags of the command accept.
type acceptFlags struct {
	waitFlags

	yes bool
}

func (a *app) acceptCommand() *cobra.Command {
	f := &acceptFlags{}
	acceptOne := a.run(func(ctx context.Context, s *session, args []string) error { return s.accept(ctx, f, args[0]) })
	cmd := &cobra.Command{
		Use:   "accept NAME | clustersecretsync/NAME",
		Short: "Let through what safety holds back",
		Long: "Let the one state through that safety holds back because too many keys are gone in the backend,\n" +
			"or because it no longer shows some and cannot tell that they are gone.\n" +
			"The keys that will be lost are shown first, with the workloads that read them.\n\n" +
			"Of a ClusterSecretSync: let the SecretSyncs go that are not wanted any more, where they are so many at once\n" +
			"that it looks like an accident. Their namespaces are shown first.",
		Example: "  kubectl secretsync accept payments-db\n  kubectl secretsync accept clustersecretsync/team-db",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			name, ok := clusterSecretSync(args[0])
			if !ok {
				return acceptOne(cmd, args)
			}
			s, err := a.connect()
			if err != nil {
				return err
			}
			return s.acceptRemovals(cmd.Context(), f, name)
		},
	}
	addYes(cmd, &f.yes)
	f.add(cmd, "it is let through")
	a.completeNames(cmd, 1)
	return cmd
}

func (s *session) accept(ctx context.Context, f *acceptFlags, name string) error {
	sync, err := s.get(ctx, name)
	if err != nil {
		return err
	}
	blocked := sync.Status.Blocked
	if blocked == nil {
		s.say("%s: nothing is held back.", key(sync))
		return nil
	}
	s.tellBlocked(sync)
	s.tellLosses(ctx, sync, blocked.Keys)
	if !f.yes {
		if err := s.confirm(ctx, "Let this state through?"); err != nil {
			return err
		}
	}
	if err := s.annotate(ctx, sync, map[string]any{v1alpha1.AnnotationAccept: blocked.Token}); err != nil {
		return err
	}
	if !f.wait {
		s.say("%s: accepted", key(sync))
		return nil
	}
	err = s.awaitOne(ctx, sync, f.timeout, func(now *v1alpha1.SecretSync) (bool, error) {
		if now.Status.Blocked != nil && now.Status.Blocked.Token != blocked.Token {
			return false, fmt.Errorf("another state is held back by now: run accept again")
		}
		return now.Status.Blocked == nil, nil
	})
	if err != nil {
		return err
	}
	s.say("%s: accepted and let through", key(sync))
	return nil
}

// maxListed is how many keys a status lists.
const maxListed = 32

// tellBlocked says which keys will be lost. A status does not list more than some; how many
// there are is in the message of the condition.
func (s *session) tellBlocked(sync *v1alpha1.SecretSync) {
	keys := dash(strings.Join(sync.Status.Blocked.Keys, ", "))
	if len(sync.Status.Blocked.Keys) >= maxListed {
		keys += " and perhaps more"
	}
	s.say("%s: these keys will be LOST: %s", key(sync), keys)
	for _, condition := range sync.Status.Conditions {
		if condition.Type == v1alpha1.ConditionReady && condition.Status == metav1.ConditionFalse {
			s.say("%s: %s", condition.Reason, condition.Message)
			return
		}
	}
}

// tellLosses says which workloads read keys that will be gone.
func (s *session) tellLosses(ctx context.Context, sync *v1alpha1.SecretSync, keys []string) {
	workloads, gap := s.workloads(ctx, sync.Namespace)
	plan.WriteLosses(s.Out, workload.Find(sync.Namespace, sync.ServedName(), workloads), keys)
	if gap != "" {
		s.say("Note: %s.", gap)
	}
}
