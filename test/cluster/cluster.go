// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/client-go/rest"

	"github.com/secretsync/secretsync/test/cluster/pki"
	"github.com/secretsync/secretsync/test/cluster/process"
)

// Options says what Start starts. The zero value is etcd and an API server.
type Options struct {
	// Dir keeps data, keys and logs. It is created if missing, must be empty, and stays after Stop. Empty means
	// a temporary folder that Stop removes.
	Dir string
	// Audit switches on the API server's audit log.
	Audit AuditLevel
	// ControllerManager adds kube-controller-manager: deletion of namespaces, garbage collection by owner,
	// default ServiceAccounts, Deployments, quota.
	ControllerManager bool
	// Vault adds a Vault, started at the same time.
	Vault *VaultOptions
	// APIServerArgs are appended to the arguments of kube-apiserver.
	APIServerArgs []string
}

// Cluster is a running control plane. Its methods may be called from any goroutine.
type Cluster struct {
	dir       string
	temporary bool
	ports     reservations

	authority         *pki.Authority // signs servers and clients of this cluster
	serviceAccountKey []byte         // verifies ServiceAccount tokens
	adminToken        string
	host              string
	etcdURL           string

	etcd              *process.Process
	apiServer         *process.Process
	controllerManager *process.Process
	vault             *Vault
}

// Start starts what the options ask for and returns when all of it serves. The context bounds the start only. If
// anything fails, nothing is left behind and the error contains the end of the failed server's log; it wraps
// binaries.ErrMissing if the servers have not been built.
func Start(ctx context.Context, options Options) (*Cluster, error) {
	dir, temporary, err := workingDir(options.Dir)
	if err != nil {
		return nil, err
	}
	c := &Cluster{dir: dir, temporary: temporary}
	if err := c.start(ctx, options); err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	return c, nil
}

func (c *Cluster) start(ctx context.Context, options Options) error {
	if err := c.prepare(options); err != nil {
		return err
	}
	return together(ctx,
		c.etcd.Start,
		c.startKubernetes,
		func(ctx context.Context) error { return c.startVault(ctx, options.Vault) },
	)
}

// prepare makes keys, files and command lines.
func (c *Cluster) prepare(options Options) (err error) {
	if c.authority, err = pki.NewAuthority("kubernetes"); err != nil {
		return err
	}
	if c.adminToken, err = randomToken(); err != nil {
		return err
	}
	if c.etcd, err = c.newEtcd(); err != nil {
		return err
	}
	if c.apiServer, err = c.newAPIServer(options); err != nil {
		return err
	}
	if err := WriteKubeconfig(c.Kubeconfig(), c.Config()); err != nil {
		return err
	}
	if options.ControllerManager {
		c.controllerManager, err = c.newControllerManager()
	}
	return err
}

func (c *Cluster) startKubernetes(ctx context.Context) error {
	if err := c.apiServer.Start(ctx); err != nil {
		return err
	}
	if c.controllerManager == nil {
		return nil
	}
	return c.controllerManager.Start(ctx)
}

func (c *Cluster) startVault(ctx context.Context, options *VaultOptions) (err error) {
	if options == nil {
		return nil
	}
	own := *options
	if own.Dir == "" {
		own.Dir = filepath.Join(c.dir, "vault")
	}
	c.vault, err = StartVault(ctx, own)
	return err
}

// Stop ends every server, gives back the ports and removes a temporary folder. It may be called again.
func (c *Cluster) Stop() error {
	var errs []error
	if c.vault != nil {
		errs = append(errs, c.vault.Stop())
	}
	// Nothing of it is needed again, so nothing has to end gracefully.
	for _, server := range []*process.Process{c.controllerManager, c.apiServer, c.etcd} {
		if server != nil {
			server.Kill()
		}
	}
	c.ports.release()
	if c.temporary {
		errs = append(errs, os.RemoveAll(c.dir))
	}
	return errors.Join(errs...)
}

// Etcd is the etcd server.
func (c *Cluster) Etcd() *process.Process { return c.etcd }

// APIServer is the kube-apiserver; restarted, it has its address and objects again.
func (c *Cluster) APIServer() *process.Process { return c.apiServer }

// ControllerManager is the kube-controller-manager, nil unless asked for.
func (c *Cluster) ControllerManager() *process.Process { return c.controllerManager }

// Vault is the Vault of this cluster, nil unless asked for.
func (c *Cluster) Vault() *Vault { return c.vault }

// Dir is the folder with data, keys and logs.
func (c *Cluster) Dir() string { return c.dir }

// CA is the authority of the API server's certificate, PEM.
func (c *Cluster) CA() []byte { return c.authority.PEM() }

// Host is the address of the API server, "https://127.0.0.1:<port>".
func (c *Cluster) Host() string { return c.host }

// Config is a new configuration of a client with every right (group system:masters) and no rate limit.
func (c *Cluster) Config() *rest.Config {
	config := c.anonymous()
	config.BearerToken = c.adminToken
	return config
}

// anonymous is a configuration that trusts the server and has no identity.
func (c *Cluster) anonymous() *rest.Config {
	return &rest.Config{
		Host:            c.host,
		TLSClientConfig: rest.TLSClientConfig{CAData: c.CA()},
		QPS:             -1,
	}
}

// file is a path in the cluster's folder.
func (c *Cluster) file(name string) string { return filepath.Join(c.dir, name) }

// workingDir prepares the folder of a server.
func workingDir(dir string) (path string, temporary bool, err error) {
	if dir == "" {
		path, err = os.MkdirTemp("", "secretsync-cluster-")
		return path, true, err
	}
	if path, err = filepath.Abs(dir); err != nil {
		return "", false, err
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return "", false, fmt.Errorf("making the cluster's folder: %w", err)
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return "", false, fmt.Errorf("making the cluster's folder: %w", err)
	}
	if len(entries) > 0 {
		return "", false, fmt.Errorf("making the cluster's folder: %q is not empty", path)
	}
	return path, false, nil
}
