// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// vaultStaticSecret converts a VaultStaticSecret. What its fields mean is told by
// https://developer.hashicorp.com/vault/docs/deploy/kubernetes/vso/api-reference.
func (c *converter) vaultStaticSecret(of object) {
	spec, destination := of.spec, of.spec.get("destination")
	backend := c.vaultBackend(of)
	if backend == nil {
		c.giveUp(of)
		return
	}
	sync := c.sync(of, of.Name, types.NamespacedName{Namespace: of.Namespace, Name: destination.or(of.Name, "name")})
	sync.Spec.BackendRef = backend
	c.interval(of, &sync.Spec, "spec.refreshAfter", spec.or("60s", "refreshAfter"))
	sync.Spec.DataFrom = []v1alpha1.DataFrom{{
		Entry: &v1alpha1.EntrySource{Path: strings.Trim(spec.text("path"), "/"), Version: versionText(spec.number("version"))},
	}}
	transformation := destination.get("transformation")
	c.transformation(of, &sync.Spec, transformation)
	c.vaultDestination(of, sync, destination)
	c.restartTargets(of, sync, spec.items("rolloutRestartTargets"))
	c.instantUpdates(of, spec.get("syncConfig", "instantUpdates"))
}

// vaultDestination converts how the Secret is made.
func (c *converter) vaultDestination(of object, sync *v1alpha1.SecretSync, destination fields) {
	sync.Spec.Target.Type = destination.text("type")
	c.setMetadata(of, &sync.Spec, destination.texts("labels"), destination.texts("annotations"))
	if destination.flag("create") {
		c.note(of, Changed, "spec.destination.create", stays)
	}
	destination.get("overwrite").done()
	if !destination.flag("transformation", "excludeRaw") {
		c.note(of, Lost, "spec.destination.transformation.excludeRaw", "the key _raw, which holds Vault's whole answer, goes with the hand-over: if a workload reads it, it must not change hands")
	}
}

// restartTargets converts what is restarted when the content changes.
func (c *converter) restartTargets(of object, sync *v1alpha1.SecretSync, targets []fields) {
	restart := &v1alpha1.Restart{Mode: v1alpha1.RestartTargets}
	for _, target := range targets {
		kind := target.text("kind")
		if kind == "argo.Rollout" {
			kind = "Rollout"
		}
		restart.Targets = append(restart.Targets, v1alpha1.RestartTarget{Kind: kind, Name: target.text("name")})
	}
	// A keyed digest is always kept here; without one nothing is restarted there.
	if digest, given := of.spec.get("hmacSecretData").done().value.(bool); given && !digest && len(targets) > 0 {
		c.note(of, Changed, "spec.hmacSecretData", "without it the rolloutRestartTargets are not restarted; here they are")
	}
	if len(restart.Targets) > 0 {
		sync.Spec.Restart = restart
		c.note(of, ByHand, "spec.rolloutRestartTargets", "let the operator restart workloads, by the chart's value restarts.enabled")
	}
}

// vaultBackend adds the backend for the VaultAuth and the mount of a VaultStaticSecret; nil,
// with a note, if there is none.
func (c *converter) vaultBackend(of object) *v1alpha1.BackendRef {
	auth, ok := c.vaultObject(of, "VaultAuth", of.spec.get("vaultAuthRef"))
	if !ok {
		return nil
	}
	connection, ok := c.vaultObject(auth, "VaultConnection", auth.spec.get("vaultConnectionRef"))
	if !ok {
		c.note(of, Lost, "spec.vaultAuthRef", "%s cannot be converted", auth)
		return nil
	}
	mount := strings.Trim(of.spec.text("mount"), "/")
	vault := &v1alpha1.VaultBackend{
		Address: address(connection.spec.text("address"), ""), Mount: mount, KVVersion: v1alpha1.KVVersion2,
		Namespace: of.spec.or(auth.spec.text("namespace"), "namespace"),
	}
	if of.spec.text("type") == "kv-v1" {
		vault.KVVersion = v1alpha1.KVVersion1
	}
	limits := c.connection(connection, vault, of.Namespace)
	if !c.vaultAuth(auth, vault, of.Namespace) {
		c.note(of, Lost, "spec.vaultAuthRef", "%s cannot be converted", auth)
		return nil
	}
	name := named(auth.Name, mount)
	if vault.Namespace != auth.spec.text("namespace") {
		name = named(name, vault.Namespace)
	}
	return c.backend(of.Namespace, name, v1alpha1.BackendSpec{Vault: vault, Limits: limits}, nil)
}

// vaultObject returns what a reference names: [namespace/]name, or the one called default
// in the namespace of the Vault Secrets Operator.
func (c *converter) vaultObject(of object, kind string, reference fields) (object, bool) {
	text, _ := reference.done().value.(string)
	namespace, name, other := strings.Cut(text, "/")
	if !other {
		namespace, name = of.Namespace, text
	}
	if name == "" {
		return c.vaultDefault(of, kind, reference)
	}
	origin := Origin{Group: GroupVaultSecrets, Kind: kind, NamespacedName: types.NamespacedName{Namespace: namespace, Name: name}}
	found, ok := c.objects[origin]
	if !ok {
		c.note(of, Lost, reference.path, "%s is not among the objects", origin)
	}
	return found, ok
}

// vaultDefault returns the one called default. It is that of the Vault Secrets Operator's
// namespace, which no object names.
func (c *converter) vaultDefault(of object, kind string, reference fields) (object, bool) {
	found := slices.DeleteFunc(c.sorted(), func(o object) bool {
		return o.Group != GroupVaultSecrets || o.Kind != kind || o.Name != "default"
	})
	if len(found) == 1 {
		return found[0], true
	}
	c.note(of, Lost, reference.path, "of the objects %d are a %s called default, which is meant where none is named: name one", len(found), kind)
	return object{}, false
}

// connection converts where Vault is.
func (c *converter) connection(of object, vault *v1alpha1.VaultBackend, namespace string) (limits v1alpha1.Limits) {
	vault.TLS.ServerName = of.spec.text("tlsServerName")
	if name := of.spec.text("caCertSecretRef"); name != "" {
		vault.TLS.CARef = &v1alpha1.SecretKeyRef{Name: name, Key: "ca.crt"}
		c.copied(of, "spec.caCertSecretRef", of.Namespace, namespace)
		c.credential(of, namespace, name)
	}
	if text := of.spec.text("timeout"); text != "" {
		limits.Timeout = c.timeout(of, text)
	}
	if of.spec.flag("skipTLSVerify") {
		c.note(of, Lost, "spec.skipTLSVerify", "a server is always verified: give its certificate authority in tls.caBundle")
	}
	c.lose(of, of.spec.get("caCertPath"), "there is no file of a node: put the certificates into tls.caBundle")
	return limits
}

// timeout converts how long a request may take.
func (c *converter) timeout(of object, text string) *metav1.Duration {
	const shortest, longest = time.Second, 2 * time.Minute
	duration, err := time.ParseDuration(text)
	if err != nil {
		c.note(of, Lost, "spec.timeout", "%q is no duration", text)
		return nil
	}
	if within := min(max(duration, shortest), longest); within != duration {
		c.note(of, Changed, "spec.timeout", "a request may take %s to %s, not %s", shortest, longest, duration)
		duration = within
	}
	return &metav1.Duration{Duration: duration}
}

// vaultAuth converts how it logs in; false, with a note, if that has no counterpart.
func (c *converter) vaultAuth(of object, vault *v1alpha1.VaultBackend, namespace string) bool {
	auth, method := &vault.Auth, of.spec.text("method")
	auth.Mount = of.spec.text("mount")
	if login := of.spec.text("namespace"); login != vault.Namespace {
		auth.Namespace = login
	}
	of.spec.get("allowedNamespaces").done() // A SecretBackend serves its own namespace.
	of.spec.get("storageEncryption").done() // No client is kept anywhere.
	c.lose(of, of.spec.get("vaultAuthGlobalRef"), "write what the VaultAuthGlobal says into the VaultAuth first")
	from := of.spec.get(method)
	from.get("tokenExpirationSeconds").done()
	switch method {
	case "kubernetes":
		auth.Kubernetes = &v1alpha1.VaultKubernetesAuth{Role: from.text("role"), ServiceAccountIdentity: c.vaultIdentity(of, from)}
	case "jwt":
		auth.JWT = &v1alpha1.VaultJWTAuth{Role: from.text("role")}
		if name := from.text("secretRef"); name != "" {
			auth.JWT.TokenRef = &v1alpha1.SecretKeyRef{Name: name, Key: "jwt"}
			c.credential(of, namespace, name)
		} else {
			auth.JWT.ServiceAccount = new(c.vaultIdentity(of, from))
		}
	case "appRole":
		name := from.text("secretRef")
		auth.AppRole = &v1alpha1.VaultAppRoleAuth{RoleID: from.text("roleId"), SecretIDRef: v1alpha1.SecretKeyRef{Name: name, Key: "id"}}
		c.credential(of, namespace, name)
	default:
		c.note(of, Lost, "spec.method", "SecretSync logs in to Vault with kubernetes, appRole, jwt or token, not with %q", method)
		c.giveUp(of)
		return false
	}
	return true
}

func (c *converter) vaultIdentity(of object, from fields) v1alpha1.ServiceAccountIdentity {
	return v1alpha1.ServiceAccountIdentity{
		Audience:          c.audience(of, from.get("audiences"), "vault"),
		ServiceAccountRef: c.serviceAccount(of, from.get("serviceAccount"), from.text("serviceAccount")),
	}
}
