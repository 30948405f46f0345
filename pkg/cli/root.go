// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
)

// Options are what the plugin takes from the program around it.
type Options struct {
	genericiooptions.IOStreams

	// Clock tells the time.
	Clock clock.PassiveClock
	// Zone is that of times that people read and write.
	Zone *time.Location
	// Version of the build.
	Version string
}

// app is what all commands share.
type app struct {
	Options

	flags *genericclioptions.ConfigFlags
}

// New returns the command "kubectl secretsync". Its error is not printed yet.
func New(o Options) *cobra.Command {
	o.Out, o.ErrOut = escaped{o.Out}, escaped{o.ErrOut}
	a := &app{Options: o, flags: genericclioptions.NewConfigFlags(true)}
	// The server's own fairness is limit enough; client-go's would be 5 requests a second.
	a.flags.WrapConfigFn = func(config *rest.Config) *rest.Config {
		config.QPS = -1
		config.WarningHandler = rest.NewWarningWriter(o.ErrOut, rest.WarningWriterOptions{Deduplicate: true})
		return config
	}
	root := &cobra.Command{
		Use:           "kubectl-secretsync",
		Short:         "See what SecretSyncs serve, and go back to what they served before",
		SilenceUsage:  true,
		SilenceErrors: true,
		Annotations:   map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl secretsync"},
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(o.In)
	root.SetOut(o.Out)
	root.SetErr(o.ErrOut)
	a.flags.AddFlags(root.PersistentFlags())
	a.completeFlags(root)
	root.AddCommand(
		a.statusCommand(), a.historyCommand(), a.diffCommand(),
		a.rollbackCommand(), a.followCommand(), a.pinsCommand(),
		a.refreshCommand(), a.acceptCommand(), a.forgetCommand(), a.pauseCommand(),
		a.convertCommand(), a.versionCommand(),
	)
	sayUsage(root)
	return root
}

// sayUsage makes errors about arguments and flags say how the command is used.
func sayUsage(root *cobra.Command) {
	usage := func(cmd *cobra.Command, err error) error {
		if err == nil {
			return nil
		}
		return fmt.Errorf("%w: %w; usage: %s", errUsage, err, cmd.UseLine())
	}
	root.SetFlagErrorFunc(usage)
	for _, cmd := range root.Commands() {
		check := cmd.Args
		cmd.Args = func(cmd *cobra.Command, args []string) error { return usage(cmd, check(cmd, args)) }
	}
}

// run makes a command of a function that is given a session. The first argument of every
// command is the name of a SecretSync.
func (a *app) run(do func(ctx context.Context, s *session, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		s, err := a.connect()
		if err != nil {
			return err
		}
		if len(args) > 0 {
			args = slices.Clone(args)
			if args[0], err = s.enter(args[0], *a.flags.Namespace); err != nil {
				return err
			}
		}
		return do(cmd.Context(), s, args)
	}
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of the plugin",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(a.Out, a.Version)
			return err
		},
	}
}
