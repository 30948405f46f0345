// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package convert

import (
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
	c.interval(of, sync, "spec.refreshAfter", spec.or("60s", "refreshAfter"))
	from := v1alpha1.DataFrom{Entry: &v1alpha1.EntrySource{Path: strings.Trim(spec.text("path"), "/"), Version: versionText(spec.number("version"))}}
	transformation := destination.get("transformation")
	for _, name := range transformation.list("includes") {
		from.Include = append(from.Include, anywhere(name))
	}
	for _, name := range transformation.list("excludes") {
		from.Exclude = append(from.Exclude, anywhere(name))
	}
	sync.Spec.DataFrom = []v1alpha1.DataFrom{from}
	c.vaultTemplates(of, sync, transformation)
	c.vaultDestination(of, sync, destination)
	c.restartTargets(of, sync, spec.items("rolloutRestartTargets"))
	spec.get("hmacSecretData").done() // A keyed digest is always kept.
	if spec.flag("syncConfig", "instantUpdates") {
		c.note(of, Changed, "spec.syncConfig.instantUpdates", "Vault's events are not listened to: a change is seen within the interval")
	}
}

// vaultDestination converts how the Secret is made.
func (c *converter) vaultDestination(of object, sync *v1alpha1.SecretSync, destination fields) {
	sync.Spec.Target.Type = destination.text("type")
	c.setMetadata(of, sync, destination.texts("labels"), destination.texts("annotations"))
	if destination.flag("create") {
		c.note(of, Changed, "spec.destination.create", stays)
	}
	destination.get("overwrite").done()
	if !destination.flag("transformation", "excludeRaw") {
		c.note(of, Lost, "spec.destination.transformation.excludeRaw", "the key _raw, which holds Vault's whole answer, goes with the hand-over: if a workload reads it, it must not change hands")
	}
}

// vaultTemplates converts the templates. They find the values in .Secrets, ours in . itself.
func (c *converter) vaultTemplates(of object, sync *v1alpha1.SecretSync, transformation fields) {
	templates, _ := transformation.get("templates").value.(map[string]any)
	texts := map[string]string{}
	for key := range templates {
		template := transformation.get("templates", key)
		template.text("name")
		text, err := secretsAsDot(template.text("text"))
		if err != nil {
			c.note(of, Lost, template.path, "%v", err)
			continue
		}
		texts[key] = text
	}
	c.lose(of, transformation.get("transformationRefs"), "write the templates that it refers to into the VaultStaticSecret first")
	if len(texts) == 0 {
		return
	}
	if from := sync.Spec.DataFrom[0]; len(from.Include)+len(from.Exclude) > 0 {
		c.note(of, Lost, transformation.path+".templates", "templates see only the fields that are taken: take all that they name, and choose what is served by spec.template")
	}
	made := &v1alpha1.Template{Values: v1alpha1.ValuesKeep}
	c.templateData(of, made, transformation.path+".templates", texts)
	sync.Spec.Template = made
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
	c.backend(of.Namespace, name, v1alpha1.BackendSpec{Vault: vault, Limits: limits}, nil)
	return ref(of.Namespace, name)
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
		for origin, found := range c.objects {
			if origin.Group == GroupVaultSecrets && origin.Kind == kind && origin.Name == "default" {
				return found, true
			}
		}
		name = "default"
	}
	origin := Origin{Group: GroupVaultSecrets, Kind: kind, NamespacedName: types.NamespacedName{Namespace: namespace, Name: name}}
	found, ok := c.objects[origin]
	if !ok {
		c.note(of, Lost, reference.path, "%s is not among the objects", origin)
	}
	return found, ok
}

// connection converts where Vault is.
func (c *converter) connection(of object, vault *v1alpha1.VaultBackend, namespace string) (limits v1alpha1.Limits) {
	vault.TLS.ServerName = of.spec.text("tlsServerName")
	if name := of.spec.text("caCertSecretRef"); name != "" {
		vault.TLS.CARef = &v1alpha1.SecretKeyRef{Name: name, Key: "ca.crt"}
		c.copied(of, "spec.caCertSecretRef", of.Namespace, namespace)
	}
	if text := of.spec.text("timeout"); text != "" {
		if duration, err := time.ParseDuration(text); err == nil {
			limits.Timeout = &metav1.Duration{Duration: duration}
		}
	}
	if of.spec.flag("skipTLSVerify") {
		c.note(of, Lost, "spec.skipTLSVerify", "a server is always verified: give its certificate authority in tls.caBundle")
	}
	c.lose(of, of.spec.get("caCertPath"), "there is no file of a node: put the certificates into tls.caBundle")
	return limits
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
