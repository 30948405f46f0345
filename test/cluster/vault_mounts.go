// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"fmt"
	"strconv"

	"github.com/hashicorp/vault/api"
)

// EnableKV mounts a key-value engine of version 1 or 2 and returns when it takes writes. Values are then written
// and read with Root().KVv1(mount) or Root().KVv2(mount).
func (v *Vault) EnableKV(ctx context.Context, mount string, version int) error {
	err := v.root.Sys().MountWithContext(ctx, mount, &api.MountInput{
		Type:    "kv",
		Options: map[string]string{"version": strconv.Itoa(version)},
	})
	if err != nil {
		return fmt.Errorf("mounting %q: %w", mount, err)
	}
	if version == 1 {
		return nil
	}
	// A new mount of version 2 refuses requests while it sets itself up.
	return v.poll(ctx, fmt.Sprintf("mounting %q", mount), func(ctx context.Context) error {
		_, err := v.root.Logical().ReadWithContext(ctx, mount+"/config")
		return err
	})
}

func (v *Vault) enableAuth(ctx context.Context, mount, method string) error {
	if err := v.root.Sys().EnableAuthWithOptionsWithContext(ctx, mount, &api.EnableAuthOptions{Type: method}); err != nil {
		return fmt.Errorf("enabling auth method %q at %q: %w", method, mount, err)
	}
	return nil
}

func (v *Vault) write(ctx context.Context, path string, data map[string]any) error {
	if _, err := v.root.Logical().WriteWithContext(ctx, path, data); err != nil {
		return fmt.Errorf("writing %q: %w", path, err)
	}
	return nil
}

func stringField(answer *api.Secret, name string) (string, error) {
	if answer != nil {
		if value, ok := answer.Data[name].(string); ok {
			return value, nil
		}
	}
	return "", fmt.Errorf("reading Vault's answer: no field %q", name)
}
