// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package raw

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/hashicorp/vault/api"
	"golang.org/x/sync/errgroup"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Program replays a script for many objects.
type Program struct {
	// API is the client of the API server: same TLS, token and codec as the operator's.
	API client.Client
	// Vault is a client that is logged in.
	Vault *api.Client
	// Mount of the entries.
	Mount string
	// Goroutines send at once.
	Goroutines int
}

// Work is the prepared requests for some objects.
type Work struct {
	objects  []Object
	requests [][]request
}

// Prepare binds a script to objects, so that sending costs no more than it must.
func Prepare(script Script, objects []Object) (Work, error) {
	work := Work{objects: objects, requests: make([][]request, len(objects))}
	for i, object := range objects {
		var err error
		if work.requests[i], err = script.prepare(object); err != nil {
			return Work{}, err
		}
	}
	return work, nil
}

// Run reads the entry of each object, if reads says so, and sends the requests for it. It
// returns how long that took.
func (p Program) Run(ctx context.Context, work Work, reads bool) (time.Duration, error) {
	var next atomic.Int64
	begin := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	for range p.Goroutines {
		group.Go(func() error {
			for i := next.Add(1) - 1; i < int64(len(work.objects)); i = next.Add(1) - 1 {
				if err := p.one(ctx, work.objects[i], work.requests[i], reads); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return 0, fmt.Errorf("replaying: %w", err)
	}
	return time.Since(begin), nil
}

func (p Program) one(ctx context.Context, object Object, requests []request, reads bool) error {
	if reads {
		if _, err := p.Vault.KVv2(p.Mount).Get(ctx, object.Path); err != nil {
			return fmt.Errorf("reading %q: %w", object.Path, err)
		}
	}
	for _, send := range requests {
		if err := send(ctx, p.API); err != nil {
			return fmt.Errorf("sending a request about %s/%s: %w", object.Namespace, object.Name, err)
		}
	}
	return nil
}
