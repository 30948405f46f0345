// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package raw

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/vault/api"
)

// Loop reads the paths again and again, each once per interval, spread over it evenly,
// until ctx ends. It does nothing with the answers.
func Loop(ctx context.Context, vault *api.Client, mount string, paths []string, interval time.Duration) error {
	start := time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for i := 0; ; i++ {
		timer.Reset(time.Until(start.Add(interval * time.Duration(i) / time.Duration(len(paths)))))
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		path := paths[i%len(paths)]
		if _, err := vault.KVv2(mount).Get(ctx, path); err != nil && ctx.Err() == nil {
			return fmt.Errorf("reading %q: %w", path, err)
		}
	}
}
