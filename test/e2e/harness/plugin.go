// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/pkg/cli"
)

// Plugin runs "kubectl secretsync" with arguments in the tenant's namespace, as an administrator
// who types nothing, and returns what it printed as output and beside it.
func (n *Tenant) Plugin(tb testing.TB, args ...string) (out, beside string, err error) {
	tb.Helper()
	var printed, told bytes.Buffer
	command := cli.New(cli.Options{
		IOStreams: genericiooptions.IOStreams{In: strings.NewReader(""), Out: &printed, ErrOut: &told},
		Clock:     clock.RealClock{}, Zone: time.UTC,
	})
	command.SetArgs(append(args, "--kubeconfig", n.Cluster.Kubeconfig(), "-n", n.Namespace))
	err = command.ExecuteContext(tb.Context())
	tb.Logf("kubectl secretsync %s: %v\n%s\n%s", strings.Join(args, " "), err, &printed, &told)
	return printed.String(), told.String(), err
}
