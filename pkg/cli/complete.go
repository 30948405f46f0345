// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/secretsync/secretsync/pkg/cli/timeline"
)

// suggest returns what may stand in a place of the command line, each with a tab and a
// description where it helps. Whatever goes wrong, it suggests nothing and says nothing.
type suggest func(ctx context.Context, s *session, args []string) []string

func (a *app) completion(of suggest) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		s, err := a.connect()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		all := slices.DeleteFunc(of(cmd.Context(), s, args), func(text string) bool { return !strings.HasPrefix(text, typed) })
		return all, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}

// completeNames suggests names of SecretSyncs as the first argument, and numbers of that
// one's revisions as all that may follow.
func (a *app) completeNames(cmd *cobra.Command, maxArgs int) {
	cmd.ValidArgsFunction = a.completion(func(ctx context.Context, s *session, args []string) []string {
		switch {
		case len(args) == 0:
			return suggestNames(ctx, s)
		case maxArgs < 0 || len(args) < maxArgs:
			return suggestRevisions(ctx, s, args)
		default:
			return nil
		}
	})
}

// completeRevisionFlag suggests the revisions of the SecretSync that is the argument.
func (a *app) completeRevisionFlag(cmd *cobra.Command, flag string) {
	mustComplete(cmd, flag, a.completion(suggestRevisions))
}

// completeGroups suggests the groups of rollbacks that hold something.
func (a *app) completeGroups(cmd *cobra.Command, flag string) {
	mustComplete(cmd, flag, a.completion(func(ctx context.Context, s *session, _ []string) []string {
		all, _ := cmd.Flags().GetBool("all-namespaces") // the commands with groups have it
		syncs, _ := s.list(ctx, s.several(nil, all))    // nothing is suggested then
		groups := map[string]bool{}
		for i := range syncs {
			if group := heldBy(&syncs[i]); group != "" {
				groups[group] = true
			}
		}
		return slices.Sorted(maps.Keys(groups))
	}))
}

// completeFlags suggests namespaces and contexts, as kubectl does.
func (a *app) completeFlags(root *cobra.Command) {
	mustComplete(root, "namespace", a.completion(func(ctx context.Context, s *session, _ []string) []string {
		var list corev1.NamespaceList
		if s.client.List(ctx, &list) != nil {
			return nil
		}
		var names []string
		for i := range list.Items {
			names = append(names, list.Items[i].Name)
		}
		return names
	}))
	mustComplete(root, "context", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		config, err := a.flags.ToRawKubeConfigLoader().RawConfig()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return slices.Sorted(maps.Keys(config.Contexts)), cobra.ShellCompDirectiveNoFileComp
	})
}

func suggestNames(ctx context.Context, s *session) []string {
	syncs, _ := s.list(ctx, scope{namespace: s.namespace}) // nothing is suggested then
	var names []string
	for i := range syncs {
		status := &syncs[i].Status
		names = append(names, fmt.Sprintf("%s\tserves %d, newest %d", syncs[i].Name, status.ServingRevision, timeline.Newest(status)))
	}
	return names
}

func suggestRevisions(ctx context.Context, s *session, args []string) []string {
	if len(args) == 0 {
		return nil
	}
	name, err := s.enter(args[0], "")
	if err != nil {
		return nil
	}
	sync, err := s.read(ctx, types.NamespacedName{Namespace: s.namespace, Name: name})
	if err != nil {
		return nil
	}
	status := &sync.Status
	var numbers []string
	for _, entry := range status.History {
		marks := timeline.Marks(status, entry.Revision)
		numbers = append(numbers, fmt.Sprintf("%d\t%s", entry.Revision, strings.Join(append([]string{s.show(entry.ObservedAt.Time)}, marks...), ", ")))
	}
	return numbers
}

// mustComplete panics where a flag does not exist: a mistake that the first run shows.
func mustComplete(cmd *cobra.Command, flag string, complete cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, complete); err != nil {
		panic(err)
	}
}
