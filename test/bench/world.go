// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/operator"
	"github.com/secretsync/secretsync/test/bench/measure"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/manifests"
	operatorprocess "github.com/secretsync/secretsync/test/operator"
)

const (
	// home is the operator's namespace.
	home = "secretsync"
	// mount of the entries in Vault.
	mount = "secret"
	// vaultBackend is the ClusterSecretBackend of the entries in Vault.
	vaultBackend = "vault"
	// role is the AppRole of the operator, and its policy.
	role = "bench"
	// operatorAgent and benchAgent begin the User-Agent of who makes requests.
	operatorAgent = "secretsync/"
	benchAgent    = "secretsync-bench"
	// follow is how often logs are looked at while waiting.
	follow = 50 * time.Millisecond
	// stopTimeout bounds the end of the operator.
	stopTimeout = 30 * time.Second
)

// build compiles the operator, with profiles if they are asked for.
func (s *suite) build(ctx context.Context) (err error) {
	if s.profiles == "" {
		if s.binary, err = operatorprocess.Build(ctx, s.dir); err != nil {
			return fmt.Errorf("preparing the operator: %w", err)
		}
		return nil
	}
	if err := os.MkdirAll(s.profiles, 0o750); err != nil {
		return fmt.Errorf("making the folder of profiles: %w", err)
	}
	s.binary = filepath.Join(s.dir, "profiled")
	output, err := exec.CommandContext(ctx, "go", "build", "-o", s.binary, "github.com/secretsync/secretsync/test/bench/profiled").CombinedOutput()
	if err != nil {
		return fmt.Errorf("building the operator: %w\n%s", err, output)
	}
	return nil
}

// world is a control plane, a Vault and an operator.
type world struct {
	cluster  *cluster.Cluster
	vault    *cluster.Vault
	client   client.Client
	operator *operatorprocess.Operator
	// calls and reads follow the audit logs of API server and Vault.
	calls *measure.Log[cluster.AuditEvent]
	reads *measure.Log[cluster.VaultAuditEntry]
}

// newWorld starts everything but the operator, with a ClusterSecretBackend that serves
// every namespace and is limited by nothing.
func (s *suite) newWorld(ctx context.Context, audit cluster.AuditLevel) (*world, error) {
	return s.newWorldOn(ctx, cluster.Options{Audit: audit})
}

// newWorldOn is newWorld on a cluster of its own kind, apart from its Vault.
func (s *suite) newWorldOn(ctx context.Context, servers cluster.Options) (_ *world, err error) {
	servers.Vault = &cluster.VaultOptions{Audit: true}
	c, err := cluster.Start(ctx, servers)
	if err != nil {
		return nil, fmt.Errorf("starting a cluster: %w", err)
	}
	w := &world{
		cluster: c, vault: c.Vault(),
		calls: measure.NewLog[cluster.AuditEvent](c.AuditLogPath()),
		reads: measure.NewLog[cluster.VaultAuditEntry](c.Vault().AuditLogPath()),
	}
	if err := w.furnish(ctx, s); err != nil {
		return nil, errors.Join(err, w.close(ctx))
	}
	return w, nil
}

func (w *world) furnish(ctx context.Context, s *suite) (err error) {
	if w.client, err = client.New(w.config(), client.Options{Scheme: operator.NewScheme()}); err != nil {
		return fmt.Errorf("connecting to the cluster: %w", err)
	}
	if err := manifests.ApplyCRDs(ctx, w.client); err != nil {
		return fmt.Errorf("installing the CRDs: %w", err)
	}
	if err := w.client.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: home}}); err != nil {
		return fmt.Errorf("creating the operator's namespace: %w", err)
	}
	if err := w.vault.EnableKV(ctx, mount, 2); err != nil {
		return fmt.Errorf("preparing Vault: %w", err)
	}
	if err := w.declareBackend(ctx); err != nil {
		return err
	}
	w.operator, err = w.newOperator(s, "operator")
	return err
}

// newOperator prepares an operator with a log of that name and more arguments.
func (w *world) newOperator(s *suite, name string, args ...string) (*operatorprocess.Operator, error) {
	o, err := operatorprocess.New(operatorprocess.Options{
		Binary: s.binary, Kubeconfig: w.cluster.Kubeconfig(), LogFile: filepath.Join(w.cluster.Dir(), name+".log"),
		Args: append([]string{"--namespace", home}, args...),
		Env:  []string{"SECRETSYNC_BENCH_PROFILES=" + s.profiles},
	})
	if err != nil {
		return nil, fmt.Errorf("preparing the operator: %w", err)
	}
	return o, nil
}

// config is that of the bench's own client: the operator's TLS, token and codec.
func (w *world) config() *rest.Config {
	config := w.cluster.Config()
	config.UserAgent = benchAgent
	return config
}

// close ends everything.
func (w *world) close(ctx context.Context) error {
	return errors.Join(w.stopOperator(ctx), w.cluster.Stop())
}

func (w *world) stopOperator(ctx context.Context) error {
	if w.operator == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	return w.operator.Stop(ctx)
}

// declareBackend makes an AppRole that may read everything, and the backend that uses it.
func (w *world) declareBackend(ctx context.Context) error {
	if err := w.vault.EnableAppRole(ctx, "approle"); err != nil {
		return fmt.Errorf("preparing Vault: %w", err)
	}
	if err := w.vault.WritePolicy(ctx, role, `path "secret/data/*" { capabilities = ["read"] }`); err != nil {
		return fmt.Errorf("preparing Vault: %w", err)
	}
	roleID, err := w.vault.WriteAppRole(ctx, "approle", cluster.AppRole{Name: role, Policies: []string{role}})
	if err != nil {
		return fmt.Errorf("preparing Vault: %w", err)
	}
	secretID, err := w.vault.NewSecretID(ctx, "approle", role)
	if err != nil {
		return fmt.Errorf("preparing Vault: %w", err)
	}
	credential := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "vault-approle", Labels: map[string]string{v1alpha1.LabelCredential: "true"}},
		StringData: map[string]string{"secretID": secretID},
	}
	for _, object := range []client.Object{credential, w.backend(roleID, credential.Name)} {
		if err := w.client.Create(ctx, object); err != nil {
			return fmt.Errorf("creating %T: %w", object, err)
		}
	}
	return nil
}

func (w *world) backend(roleID, credential string) *v1alpha1.ClusterSecretBackend {
	return &v1alpha1.ClusterSecretBackend{
		ObjectMeta: metav1.ObjectMeta{Name: vaultBackend},
		Spec: v1alpha1.ClusterBackendSpec{
			BackendSpec: v1alpha1.BackendSpec{
				Vault: &v1alpha1.VaultBackend{
					Address: w.vault.Address(), Mount: mount,
					TLS: v1alpha1.TLS{CABundle: string(w.vault.CA())},
					Auth: v1alpha1.VaultAuth{AppRole: &v1alpha1.VaultAppRoleAuth{
						RoleID: roleID, SecretIDRef: v1alpha1.SecretKeyRef{Name: credential, Key: "secretID"},
					}},
				},
				Limits: v1alpha1.Limits{ReadsPerSecond: new(int32(10000)), Burst: new(int32(10000))},
			},
			Allow: v1alpha1.Allow{Namespaces: &v1alpha1.NamespaceSelection{}, Paths: []string{"**"}},
		},
	}
}
