// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/cli/timeline"
)

// maxPause is the longest pause that the operator takes.
const maxPause = 24 * time.Hour

// pauseFlags are the flags of the command pause.
type pauseFlags struct {
	length time.Duration
	until  string
	off    bool
}

func (a *app) pauseCommand() *cobra.Command {
	f := &pauseFlags{}
	cmd := &cobra.Command{
		Use:   "pause NAME (--for DURATION | --until TIME | --off)",
		Short: "Break glass: leave the Secret alone for a while, at most 24 hours",
		Example: "  kubectl secretsync pause payments-db --for 2h\n" +
			"  kubectl secretsync pause payments-db --off",
		Args: cobra.ExactArgs(1),
		RunE: a.run(func(ctx context.Context, s *session, args []string) error { return s.pause(ctx, f, args[0]) }),
	}
	cmd.Flags().DurationVar(&f.length, "for", 0, "how long, such as 2h")
	cmd.Flags().StringVar(&f.until, "until", "", "until when: an RFC 3339 time, or a local one such as \"2026-11-12 14:00\"")
	cmd.Flags().BoolVar(&f.off, "off", false, "end the pause")
	cmd.MarkFlagsMutuallyExclusive("for", "until", "off")
	cmd.MarkFlagsOneRequired("for", "until", "off")
	a.completeNames(cmd, 1)
	return cmd
}

func (s *session) pause(ctx context.Context, f *pauseFlags, name string) error {
	now := s.now()
	until, err := f.end(now)
	if err != nil {
		return err
	}
	sync, err := s.get(ctx, name)
	if err != nil {
		return err
	}
	if f.off {
		if err := s.annotate(ctx, sync, map[string]any{v1alpha1.AnnotationPauseUntil: nil}); err != nil {
			return err
		}
		s.say("%s: no longer paused; an edit of the Secret is put right now", key(sync))
		return nil
	}
	text := until.UTC().Format(time.RFC3339)
	if err := s.annotate(ctx, sync, map[string]any{v1alpha1.AnnotationPauseUntil: text}); err != nil {
		return err
	}
	s.say("%s: Secret %q is not written until %s", key(sync), sync.ServedName(), s.show(until))
	s.say("An edit by hand stays until then and is put right afterwards. To end it sooner: kubectl secretsync pause -n %s %s --off",
		sync.Namespace, sync.Name)
	return nil
}

// end returns when the pause is over.
func (f *pauseFlags) end(now time.Time) (time.Time, error) {
	until := now.Add(f.length)
	if f.until != "" {
		var err error
		if until, err = timeline.ParseAhead(f.until, now.Location()); err != nil {
			return time.Time{}, err
		}
	}
	if !f.off && (!until.After(now) || until.After(now.Add(maxPause))) {
		return time.Time{}, fmt.Errorf("%w: a pause ends in the future and within %s, not at %s", errUsage, maxPause, until.Format(time.RFC3339))
	}
	return until, nil
}
