// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/utils/ptr"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// waitFlags are the flags of commands that can wait for the operator.
type waitFlags struct {
	wait    bool
	timeout time.Duration
}

func (f *waitFlags) add(cmd *cobra.Command, until string) {
	cmd.Flags().BoolVar(&f.wait, "wait", false, "wait until "+until)
	addTimeout(cmd, &f.timeout)
}

func (a *app) refreshCommand() *cobra.Command {
	f := &waitFlags{}
	cmd := &cobra.Command{
		Use:     "refresh NAME",
		Short:   "Read the backend now",
		Example: "  kubectl secretsync refresh payments-db --wait",
		Args:    cobra.ExactArgs(1),
		RunE:    a.run(func(ctx context.Context, s *session, args []string) error { return s.refresh(ctx, f, args[0]) }),
	}
	f.add(cmd, "the backend was read")
	a.completeNames(cmd, 1)
	return cmd
}

func (s *session) refresh(ctx context.Context, f *waitFlags, name string) error {
	sync, err := s.get(ctx, name)
	if err != nil {
		return err
	}
	if ptr.Deref(sync.Spec.Suspend, false) {
		return fmt.Errorf("%w: %s is suspended and reads nothing: set spec.suspend to false first", errUsage, key(sync))
	}
	request := s.now().UTC().Format(time.RFC3339) + " " + strings.ToLower(rand.Text()[:6])
	if err := s.annotate(ctx, sync, map[string]any{v1alpha1.AnnotationRefresh: request}); err != nil {
		return err
	}
	if !f.wait {
		s.say("%s: asked to read the backend", key(sync))
		return nil
	}
	var answer v1alpha1.RefreshStatus
	err = s.awaitOne(ctx, sync, f.timeout, func(now *v1alpha1.SecretSync) (bool, error) {
		if handled := now.Status.LastHandledRefresh; handled != nil && handled.Request == request {
			answer = *handled
			return true, refreshFailure(now, answer.Result)
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	s.say("%s: read at %s: %s", key(sync), s.show(answer.At.Time), answer.Result)
	return nil
}

// refreshFailure makes an error of the answer to a refresh, unless the backend was read.
func refreshFailure(sync *v1alpha1.SecretSync, result string) error {
	if result == "Changed" || result == "Unchanged" {
		return nil
	}
	return fmt.Errorf("reading the backend: %s%s", result, readiness(sync))
}
