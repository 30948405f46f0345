// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/pkg/bootstrap/source"
)

// Options are what the helper takes from the program around it.
type Options struct {
	// In, Out and ErrOut are the program's own streams. Terminal says that In is one.
	In          io.Reader
	Out, ErrOut io.Writer
	Terminal    bool
	// Environ is the environment, as of os.Environ.
	Environ []string
	// Unset takes a variable out of the process's environment, as os.Unsetenv does, so that
	// no program that a kubeconfig names inherits it.
	Unset func(name string) error
	// Clock tells the time.
	Clock clock.WithTicker
	// Random is where generated values come from, as of crypto/rand.
	Random io.Reader
	// Version of the build.
	Version string
}

// app is what all commands share.
type app struct {
	Options

	environment source.Environment
	flags       flags
}

// flags are those that more than one command has.
type flags struct {
	file         string
	environment  string
	instance     string
	stages       []string
	noOIDC       bool
	allSecrets   bool
	fingerprints string
	unchecked    bool
	kubeconfig   string
	output       string
}

// New returns the command secretsync-bootstrap. Its error is not printed yet; see ExitCode.
func New(o Options) *cobra.Command {
	a := &app{Options: o, environment: source.NewEnvironment(o.Environ)}
	root := &cobra.Command{
		Use:           "secretsync-bootstrap",
		Short:         "Move the values that must exist before cluster, vault and operator do",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(o.In)
	root.SetOut(o.Out)
	root.SetErr(o.ErrOut)
	root.CompletionOptions.HiddenDefaultCmd = true
	root.PersistentFlags().StringVarP(&a.flags.file, "file", "f", "bootstrap.yaml", "the plan")
	root.AddCommand(
		a.validateCommand(), a.planCommand(), a.applyCommand(), a.execCommand(), a.verifyCommand(),
		a.rotateCommand(), a.destroyCommand(), a.exportTemplateCommand(), a.schemaCommand(), a.versionCommand(),
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
	for _, cmd := range append(root.Commands(), root) {
		check := cmd.Args
		cmd.Args = func(cmd *cobra.Command, args []string) error { return usage(cmd, check(cmd, args)) }
	}
}

// targetFlags adds the flags of a command that acts for an environment.
func (a *app) targetFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVarP(&a.flags.environment, "environment", "e", "", "the environment of the plan (required)")
	f.StringVar(&a.flags.instance, "instance", "", "the instance of the environment, such as pr-7")
	f.BoolVar(&a.flags.noOIDC, "no-oidc", false, "act without an OIDC token that proves the environment; for machines that are not GitHub's")
	f.StringVar(&a.flags.kubeconfig, "kubeconfig", "", "the kubeconfig file (default: where kubectl looks)")
}

// sourceFlags adds the flags of a command that reads values from their sources.
func (a *app) sourceFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringSliceVar(&a.flags.stages, "stage", nil, "the stages to look at (default: all)")
	a.valueFlags(cmd)
}

// valueFlags adds those flags of them that have to do with the values alone.
func (a *app) valueFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&a.flags.fingerprints, "fingerprints", "", "a file of keyed fingerprints, by which environments find that they were given the same value")
	f.BoolVar(&a.flags.unchecked, "allow-unchecked-distinct", false, "act although nothing tells whether another environment was given the same value, where the plan says distinctPerEnvironment")
	f.BoolVar(&a.flags.allSecrets, "allow-all-secrets", false, "let the plan read the whole of GitHub's secrets from "+source.AllSecretsVariable)
}

// outputFlag adds the flag -o.
func (a *app) outputFlag(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&a.flags.output, "output", "o", "", "json, instead of a table")
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of the helper",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(a.Out, a.Version)
			return err
		},
	}
}
