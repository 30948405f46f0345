// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/hashicorp/vault/api"

	"github.com/secretsync/secretsync/test/binaries"
	"github.com/secretsync/secretsync/test/cluster/process"
)

const vaultServerName = "vault.example.test"

// newServer writes the configuration and prepares the process.
func (v *Vault) newServer() (*process.Process, error) {
	path, err := binaries.Path(binaries.Vault)
	if err != nil {
		return nil, err
	}
	plugins, err := pluginDir()
	if err != nil {
		return nil, err
	}
	port, err := v.ports.take()
	if err != nil {
		return nil, err
	}
	clusterPort, err := v.ports.take()
	if err != nil {
		return nil, err
	}
	v.address = "https://" + loopback(port)
	config, err := json.Marshal(v.config(loopback(port), loopback(clusterPort), plugins))
	if err != nil {
		return nil, fmt.Errorf("configuring Vault: %w", err)
	}
	pair, err := v.authority.Server("127.0.0.1", "localhost", vaultServerName)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(v.file("data"), 0o700); err != nil {
		return nil, fmt.Errorf("configuring Vault: %w", err)
	}
	for name, content := range map[string][]byte{
		"vault.json": config,
		"ca.crt":     v.authority.PEM(),
		"system.crt": v.authority.PEM(),
		"server.crt": pair.Certificate,
		"server.key": pair.Key,
	} {
		if err := os.WriteFile(v.file(name), content, 0o600); err != nil {
			return nil, fmt.Errorf("configuring Vault: %w", err)
		}
	}
	return process.New(process.Options{
		Name:    "vault",
		Path:    path,
		Args:    []string{"server", "-config=" + v.file("vault.json")},
		LogFile: v.file("vault.log"),
		Env:     []string{"SSL_CERT_FILE=" + v.file("system.crt")},
		Ready:   v.listens,
	}), nil
}

// pluginDir is the folder of the auth methods. Vault refuses one that is reached through a symbolic link.
func pluginDir() (string, error) {
	plugin, err := binaries.Path(binaries.VaultPluginKubernetes)
	if err != nil {
		return "", err
	}
	if plugin, err = filepath.EvalSymlinks(plugin); err != nil {
		return "", fmt.Errorf("finding Vault's plugins: %w", err)
	}
	return filepath.Dir(plugin), nil
}

// config is the server's configuration file.
func (v *Vault) config(listen, cluster, plugins string) map[string]any {
	storage := map[string]any{"inmem": map[string]any{}}
	if v.options.Persistent {
		storage = map[string]any{"raft": map[string]any{
			"path":                   v.file("data"),
			"node_id":                "test",
			"performance_multiplier": "1", // the shortest wait before a lone node leads
		}}
	}
	return map[string]any{
		"storage": storage,
		"listener": map[string]any{"tcp": map[string]any{
			"address":                            listen,
			"cluster_address":                    cluster,
			"tls_cert_file":                      v.file("server.crt"),
			"tls_key_file":                       v.file("server.key"),
			"tls_client_ca_file":                 v.file("ca.crt"),
			"tls_require_and_verify_client_cert": v.options.RequireClientCertificate,
		}},
		"api_addr":         "https://" + listen,
		"cluster_addr":     "https://" + cluster,
		"plugin_directory": plugins,
		"disable_mlock":    true,
	}
}

// Trust has the machine of the server trust an authority, PEM, as its system does. It is for what the server has
// not asked any other server for yet.
func (v *Vault) Trust(authority []byte) error {
	file, err := os.OpenFile(v.file("system.crt"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("trusting an authority: %w", err)
	}
	_, err = file.Write(authority)
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("trusting an authority: %w", err)
	}
	return nil
}

// transport trusts the server and has a client certificate.
func (v *Vault) transport() (*http.Transport, error) {
	pair, err := v.ClientCertificate("test")
	if err != nil {
		return nil, err
	}
	certificate, err := pair.TLS()
	if err != nil {
		return nil, fmt.Errorf("making a Vault client: %w", err)
	}
	return &http.Transport{
		TLSClientConfig: &tls.Config{
			RootCAs:      v.authority.Pool(),
			Certificates: []tls.Certificate{certificate},
			MinVersion:   tls.VersionTLS12,
		},
		ForceAttemptHTTP2: true,
	}, nil
}

// listens tells when the server answers at all; a sealed one does.
func (v *Vault) listens(ctx context.Context) error {
	_, err := v.root.Sys().SealStatusWithContext(ctx)
	return err
}

// setUp makes a fresh server usable.
func (v *Vault) setUp(ctx context.Context) error {
	for _, step := range []func(context.Context) error{v.Initialize, v.Unseal, v.Furnish} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Initialize makes the keys of a new Vault and gives Root the rights of its root token. The Vault stays sealed.
func (v *Vault) Initialize(ctx context.Context) error {
	keys, err := v.root.Sys().InitWithContext(ctx, &api.InitRequest{SecretShares: 1, SecretThreshold: 1})
	if err != nil {
		return fmt.Errorf("initializing Vault: %w", err)
	}
	v.unsealKey = keys.KeysB64[0]
	v.root.SetToken(keys.RootToken)
	return nil
}

// Furnish registers the auth methods of a new Vault and begins its audit log, if it has one.
func (v *Vault) Furnish(ctx context.Context) error {
	for _, name := range []string{binaries.VaultPluginKubernetes, binaries.VaultPluginJWT} {
		if err := v.registerPlugin(ctx, name); err != nil {
			return err
		}
	}
	if !v.options.Audit {
		return nil
	}
	err := v.root.Sys().EnableAuditWithOptionsWithContext(ctx, "file", &api.EnableAuditOptions{
		Type:    "file",
		Options: map[string]string{"file_path": v.AuditLogPath()},
	})
	if err != nil {
		return fmt.Errorf("enabling Vault's audit log: %w", err)
	}
	return nil
}

// registerPlugin lets Vault run an auth method from its plugin directory.
func (v *Vault) registerPlugin(ctx context.Context, name string) error {
	path, err := binaries.Path(name)
	if err != nil {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("registering Vault's plugin: %w", err)
	}
	defer file.Close() //nolint:errcheck // Only read.
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return fmt.Errorf("registering Vault's plugin %s: %w", name, err)
	}
	err = v.root.Sys().RegisterPluginWithContext(ctx, &api.RegisterPluginInput{
		Name:    name,
		Type:    api.PluginTypeCredential,
		Command: name,
		SHA256:  hex.EncodeToString(hash.Sum(nil)),
	})
	if err != nil {
		return fmt.Errorf("registering Vault's plugin %s: %w", name, err)
	}
	return nil
}
