// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"

	"github.com/secretsync/secretsync/test/binaries"
	"github.com/secretsync/secretsync/test/cluster/pki"
	"github.com/secretsync/secretsync/test/cluster/process"
)

// serviceAccountIssuer is the `iss` claim of the cluster's ServiceAccount tokens.
const serviceAccountIssuer = "https://kubernetes.default.svc.cluster.local"

// controllers are those of kube-controller-manager that the tests have a use for; the others cost start time.
const controllers = "namespace-controller,garbage-collector-controller,serviceaccount-controller," +
	"serviceaccount-token-controller,root-ca-certificate-publisher-controller,clusterrole-aggregation-controller," +
	"deployment-controller,replicaset-controller,statefulset-controller,daemonset-controller,resourcequota-controller"

// newEtcd prepares etcd without TLS, on loopback and for this cluster alone.
func (c *Cluster) newEtcd() (*process.Process, error) {
	path, err := binaries.Path(binaries.Etcd)
	if err != nil {
		return nil, err
	}
	client, err := c.ports.take()
	if err != nil {
		return nil, err
	}
	peer, err := c.ports.take()
	if err != nil {
		return nil, err
	}
	c.etcdURL = "http://" + loopback(client)
	peerURL := "http://" + loopback(peer)
	return process.New(process.Options{
		Name: "etcd",
		Path: path,
		Args: []string{
			"--data-dir=" + c.file("etcd"),
			"--listen-client-urls=" + c.etcdURL,
			"--advertise-client-urls=" + c.etcdURL,
			"--listen-peer-urls=" + peerURL,
			"--initial-advertise-peer-urls=" + peerURL,
			"--initial-cluster=default=" + peerURL,
			"--unsafe-no-fsync",
			"--quota-backend-bytes=8589934592",
			"--log-level=warn",
		},
		LogFile: c.file("etcd.log"),
		Ready:   answers(&http.Client{}, c.etcdURL+"/readyz", ""),
	}), nil
}

func (c *Cluster) newAPIServer(options Options) (*process.Process, error) {
	path, err := binaries.Path(binaries.KubeAPIServer)
	if err != nil {
		return nil, err
	}
	port, err := c.ports.take()
	if err != nil {
		return nil, err
	}
	c.host = "https://" + loopback(port)
	if err := c.writeKeys(); err != nil {
		return nil, err
	}
	args := []string{
		"--etcd-servers=" + c.etcdURL,
		"--bind-address=127.0.0.1",
		"--advertise-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", port),
		"--cert-dir=" + c.dir,
		"--tls-cert-file=" + c.file("server.crt"),
		"--tls-private-key-file=" + c.file("server.key"),
		"--client-ca-file=" + c.file("ca.crt"),
		"--token-auth-file=" + c.file("tokens.csv"),
		"--authorization-mode=RBAC",
		"--service-account-issuer=" + serviceAccountIssuer,
		"--service-account-key-file=" + c.file("service-account.pub"),
		"--service-account-signing-key-file=" + c.file("service-account.key"),
		"--service-cluster-ip-range=10.0.0.0/24",
		"--endpoint-reconciler-type=none",
	}
	audit, err := c.auditArgs(options.Audit)
	if err != nil {
		return nil, err
	}
	return process.New(process.Options{
		Name:    "kube-apiserver",
		Path:    path,
		Args:    append(append(args, audit...), options.APIServerArgs...),
		LogFile: c.file("kube-apiserver.log"),
		Ready:   c.apiServerReady(),
	}), nil
}

func (c *Cluster) newControllerManager() (*process.Process, error) {
	path, err := binaries.Path(binaries.KubeControllerManager)
	if err != nil {
		return nil, err
	}
	port, err := c.ports.take()
	if err != nil {
		return nil, err
	}
	return process.New(process.Options{
		Name: "kube-controller-manager",
		Path: path,
		Args: []string{
			"--kubeconfig=" + c.Kubeconfig(),
			"--bind-address=127.0.0.1",
			fmt.Sprintf("--secure-port=%d", port),
			"--cert-dir=" + c.dir,
			"--tls-cert-file=" + c.file("server.crt"),
			"--tls-private-key-file=" + c.file("server.key"),
			"--root-ca-file=" + c.file("ca.crt"),
			"--service-account-private-key-file=" + c.file("service-account.key"),
			"--use-service-account-credentials",
			"--leader-elect=false",
			"--controllers=" + controllers,
		},
		LogFile: c.file("kube-controller-manager.log"),
		Ready:   answers(c.trustingClient(), "https://"+loopback(port)+"/healthz", ""),
	}), nil
}

// writeKeys makes the files that the servers read their identities from.
func (c *Cluster) writeKeys() error {
	server, err := c.authority.Server("127.0.0.1", "localhost", "kubernetes", "kubernetes.default.svc")
	if err != nil {
		return err
	}
	// Made here so that the API server need not generate an RSA key, which takes it a second.
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("making the ServiceAccount key: %w", err)
	}
	private, err := pki.PrivateKey(key)
	if err != nil {
		return err
	}
	if c.serviceAccountKey, err = pki.PublicKey(key.Public()); err != nil {
		return err
	}
	for name, content := range map[string][]byte{
		"ca.crt":              c.authority.PEM(),
		"server.crt":          server.Certificate,
		"server.key":          server.Key,
		"service-account.key": private,
		"service-account.pub": c.serviceAccountKey,
		"tokens.csv":          []byte(c.adminToken + `,admin,admin,"system:masters"` + "\n"),
	} {
		if err := os.WriteFile(c.file(name), content, 0o600); err != nil {
			return fmt.Errorf("writing the cluster's keys: %w", err)
		}
	}
	return nil
}

// apiServerReady returns a check that the API server has done its start and that the namespace which every client
// expects exists.
func (c *Cluster) apiServerReady() func(context.Context) error {
	client := c.trustingClient()
	ready := answers(client, c.host+"/readyz", c.adminToken)
	populated := answers(client, c.host+"/api/v1/namespaces/default", c.adminToken)
	return func(ctx context.Context) error {
		if err := ready(ctx); err != nil {
			return err
		}
		return populated(ctx)
	}
}

// trustingClient is an HTTP client that knows the cluster's authority.
func (c *Cluster) trustingClient() *http.Client {
	return httpClient(&tls.Config{RootCAs: c.authority.Pool(), MinVersion: tls.VersionTLS12})
}

func httpClient(config *tls.Config) *http.Client {
	return &http.Client{Transport: &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}}
}

// answers returns a check that a GET of the address is answered with 200.
func answers(client *http.Client, url, token string) func(context.Context) error {
	return func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return err
		}
		if token != "" {
			request.Header.Set("Authorization", "Bearer "+token)
		}
		response, err := client.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close() //nolint:errcheck // Only read.
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("%s answers %s", url, response.Status)
		}
		return nil
	}
}

func randomToken() (string, error) {
	token := make([]byte, 16)
	if _, err := rand.Read(token); err != nil {
		return "", fmt.Errorf("making a token: %w", err)
	}
	return hex.EncodeToString(token), nil
}
