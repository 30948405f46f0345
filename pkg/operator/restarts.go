// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"

	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"github.com/secretsync/secretsync/pkg/controllers/secretsync"
	"github.com/secretsync/secretsync/pkg/metrics"
	"github.com/secretsync/secretsync/pkg/restart"
)

// restartWorkers are how many SecretSyncs have workloads restarted at once; what they wait
// for holds up none of them.
const restartWorkers = 4

// newRoller returns what restarts workloads, nil where that is switched off.
func newRoller(mgr manager.Manager, o Options, counts *metrics.Metrics, bell *secretsync.Bell) *restart.Roller {
	if !o.Restarts {
		return nil
	}
	return restart.NewRoller(restart.Options{
		Live: mgr.GetAPIReader(), Writer: mgr.GetClient(), Ring: bell.Ring, Count: counts.Restarted, Clock: clock.RealClock{},
	})
}

// rolling runs a Roller, if there is one, while the lease is held.
func rolling(roller *restart.Roller) manager.Runnable {
	return manager.RunnableFunc(func(ctx context.Context) error {
		if roller == nil {
			return nil
		}
		return roller.Run(ctx, restartWorkers) //nolint:wrapcheck // it returns none
	})
}
