// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/hashicorp/vault/api"

	"github.com/secretsync/secretsync/test/cluster/pki"
	"github.com/secretsync/secretsync/test/cluster/process"
)

// VaultOptions says how Vault runs. The zero value is a Vault that keeps everything in memory.
type VaultOptions struct {
	// Dir is as in Options.
	Dir string
	// Persistent keeps the data in files, so that it survives Restart.
	Persistent bool
	// Audit records each request in the file AuditLogPath.
	Audit bool
	// RequireClientCertificate refuses connections without a certificate made by ClientCertificate.
	RequireClientCertificate bool
	// Uninitialized leaves to the test what a person does with a new Vault: Initialize, Unseal, then Furnish.
	Uninitialized bool
}

// Vault is a running Vault server, unless asked otherwise initialized, unsealed, with the Kubernetes and JWT auth
// methods registered as plugins and nothing mounted. Its methods may be called from any goroutine.
type Vault struct {
	options   VaultOptions
	dir       string
	temporary bool
	ports     reservations

	authority *pki.Authority
	address   string
	server    *process.Process
	root      *api.Client
	unsealKey string
}

// StartVault starts a Vault and returns when it is unsealed. The context bounds the start only. Errors are those
// of Start.
func StartVault(ctx context.Context, options VaultOptions) (*Vault, error) {
	dir, temporary, err := workingDir(options.Dir)
	if err != nil {
		return nil, err
	}
	v := &Vault{options: options, dir: dir, temporary: temporary}
	if err := v.start(ctx); err != nil {
		return nil, errors.Join(err, v.Stop())
	}
	return v, nil
}

func (v *Vault) start(ctx context.Context) (err error) {
	if v.authority, err = pki.NewAuthority("vault"); err != nil {
		return err
	}
	if v.server, err = v.newServer(); err != nil {
		return err
	}
	if v.root, err = v.Client(""); err != nil {
		return err
	}
	if err := v.server.Start(ctx); err != nil {
		return err
	}
	if v.options.Uninitialized {
		return nil
	}
	return v.setUp(ctx)
}

// Stop ends the server and removes a temporary folder. It may be called again.
func (v *Vault) Stop() error {
	if v.server != nil {
		v.server.Kill()
	}
	v.ports.release()
	if v.temporary {
		return os.RemoveAll(v.dir)
	}
	return nil
}

// Server is the process, to be killed, frozen or started: a started one is sealed until Unseal. Without
// Persistent it is also empty and uninitialized; use Restart.
func (v *Vault) Server() *process.Process { return v.server }

// Restart kills the server, starts it at the same address and unseals it. A persistent Vault has its data, tokens
// and leases again; any other is as new, and Root has the rights of its new root token.
func (v *Vault) Restart(ctx context.Context) error {
	if err := v.server.Restart(ctx); err != nil {
		return err
	}
	if v.options.Persistent {
		return v.Unseal(ctx)
	}
	return v.setUp(ctx)
}

// Seal seals the Vault: it answers 503 until Unseal.
func (v *Vault) Seal(ctx context.Context) error {
	if err := v.root.Sys().SealWithContext(ctx); err != nil {
		return fmt.Errorf("sealing Vault: %w", err)
	}
	return nil
}

// Unseal unseals the Vault and returns when it serves.
func (v *Vault) Unseal(ctx context.Context) error {
	status, err := v.root.Sys().UnsealWithContext(ctx, v.unsealKey)
	if err != nil {
		return fmt.Errorf("unsealing Vault: %w", err)
	}
	if status.Sealed {
		return errors.New("unsealing Vault: it is still sealed")
	}
	return v.poll(ctx, "unsealing Vault", func(ctx context.Context) error {
		health, err := v.root.Sys().HealthWithContext(ctx)
		if err == nil && (health.Sealed || health.Standby) {
			err = errors.New("it is not active yet")
		}
		return err
	})
}

// Address is "https://127.0.0.1:<port>".
func (v *Vault) Address() string { return v.address }

// ServerName is a name other than the address's host that the server's certificate is valid for.
func (v *Vault) ServerName() string { return vaultServerName }

// CA is the authority of the server's certificate, PEM.
func (v *Vault) CA() []byte { return v.authority.PEM() }

// Dir is the folder with data, keys and logs.
func (v *Vault) Dir() string { return v.dir }

// AuditLogPath is the path of the audit log, which exists if VaultOptions.Audit asked for it.
func (v *Vault) AuditLogPath() string { return v.file("audit.log") }

// ClientCertificate makes a certificate that the server accepts from clients.
func (v *Vault) ClientCertificate(name string) (pki.Pair, error) { return v.authority.Client(name) }

// Root is a client with the root token. It never retries.
func (v *Vault) Root() *api.Client { return v.root }

// Client is a new client with that token; it never retries and heeds no variable of the environment.
func (v *Vault) Client(token string) (*api.Client, error) {
	transport, err := v.transport()
	if err != nil {
		return nil, err
	}
	client, err := api.NewClient(&api.Config{
		Address:    v.address,
		HttpClient: &http.Client{Transport: transport},
		Timeout:    time.Minute,
		MaxRetries: -1,
	})
	if err != nil {
		return nil, fmt.Errorf("making a Vault client: %w", err)
	}
	// NewClient takes these from the environment whatever the configuration says.
	client.ClearNamespace()
	client.SetHeaders(http.Header{api.RequestHeaderName: {"true"}})
	client.SetToken(token)
	return client, nil
}

func (v *Vault) file(name string) string { return filepath.Join(v.dir, name) }

// poll asks until the answer is nil or ctx ends.
func (v *Vault) poll(ctx context.Context, doing string, ask func(context.Context) error) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ask(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("%s: %w; %w\n%s", doing, ctx.Err(), err, v.server.Log())
		}
	}
}
