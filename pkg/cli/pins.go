// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/cli/pins"
	"github.com/secretsync/secretsync/pkg/cli/timeline"
)

// errUnpinned is in the chain of the error about a fragment that does not hold the state.
var errUnpinned = errors.New("stay unpinned")

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
	fragment, unpinned := pins.Of(sync, s.sources(ctx, sync, entry))
	for _, what := range unpinned {
		s.warn("Warning: %s.", what)
	}
	s.say("# %s at revision %d, as observed at %s", key(sync), entry.Revision, s.show(entry.ObservedAt.Time))
	if err := format(formatYAML).write(s.Out, fragment); err != nil {
		return err
	}
	if len(unpinned) > 0 {
		return fmt.Errorf("%s: %d of its entries %w, so that this is not all of revision %d", key(sync), len(unpinned), errUnpinned, entry.Revision)
	}
	return nil
}

// sources returns where a revision came from: with the backends, as the revision itself
// records it, or, where that cannot be read, without, as the status does.
func (s *session) sources(ctx context.Context, sync *v1alpha1.SecretSync, entry *v1alpha1.HistoryEntry) []pins.Source {
	var sources []pins.Source
	secret, err := s.revisionSecret(ctx, sync, entry.Revision)
	if err == nil && json.Unmarshal([]byte(secret.Annotations[v1alpha1.AnnotationSources]), &sources) == nil {
		return sources
	}
	sources = nil
	for _, source := range entry.Sources {
		kept := pins.Source{Path: source.Path, Version: source.Version}
		for _, value := range source.Values {
			kept.Values = append(kept.Values, pins.Value{Field: value.Field, Version: value.Version})
		}
		sources = append(sources, kept)
	}
	return sources
}
