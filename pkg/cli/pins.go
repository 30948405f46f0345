// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/cli/pins"
	"github.com/secretsync/secretsync/pkg/cli/timeline"
)

func (a *app) pinsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "pins NAME",
		Short: "Print version: pins of what is served, for Git",
		Long: "Print data and dataFrom of the spec with the versions that the serving revision was made of. In Git,\n" +
			"they hold the state for as long as they stand there, with no annotation.",
		Example: "  kubectl secretsync pins payments-db > pins.yaml",
		Args:    cobra.ExactArgs(1),
		RunE:    a.run(func(ctx context.Context, s *session, args []string) error { return s.pins(ctx, args[0]) }),
	}
	a.completeNames(cmd, 1)
	return cmd
}

func (s *session) pins(ctx context.Context, name string) error {
	sync, err := s.get(ctx, name)
	if err != nil {
		return err
	}
	entry, err := timeline.Kept(&sync.Status, sync.Status.ServingRevision)
	if err != nil {
		return fmt.Errorf("%s: what is served: %w", key(sync), err)
	}
	fragment, warnings := pins.Of(sync, s.sources(ctx, sync, entry))
	for _, warning := range warnings {
		s.warn("Warning: %s.", warning)
	}
	s.say("# %s at revision %d, as observed at %s", key(sync), entry.Revision, s.show(entry.ObservedAt.Time))
	return format(formatYAML).write(s.Out, fragment)
}

// sources returns where a revision came from: with the backends, as the revision itself
// records it, or, where that cannot be read, without, as the status does.
func (s *session) sources(ctx context.Context, sync *v1alpha1.SecretSync, entry *v1alpha1.HistoryEntry) []pins.Source {
	var sources []pins.Source
	secret, err := s.revisionSecret(ctx, sync, entry.Revision)
	if err == nil && json.Unmarshal([]byte(secret.Annotations[annotationSources]), &sources) == nil {
		return sources
	}
	sources = nil
	for _, source := range entry.Sources {
		sources = append(sources, pins.Source{Path: source.Path, Version: source.Version})
	}
	return sources
}
