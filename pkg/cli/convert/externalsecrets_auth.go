// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// vaultAuth converts how the store logs in; ok is false, with a note, if that has no counterpart.
func (s *store) vaultAuth(auth *v1alpha1.VaultAuth, from fields) (ok bool) {
	auth.Namespace = from.text("namespace")
	switch {
	case from.get("tokenSecretRef").set():
		auth.Token = &v1alpha1.VaultTokenAuth{SecretRef: s.secretKey(from.get("tokenSecretRef"), "token")}
	case from.get("appRole").set():
		role := from.get("appRole")
		auth.Mount = role.text("path")
		auth.AppRole = &v1alpha1.VaultAppRoleAuth{RoleID: role.text("roleId"), SecretIDRef: s.secretKey(role.get("secretRef"), "secretId")}
		if role.get("roleRef").set() {
			s.c.note(s.of, ByHand, role.get("roleRef").done().path, "write the role ID itself, %s, into spec.vault.auth.appRole.roleID: it is no secret",
				keyOf(role.get("roleRef")))
			auth.AppRole.RoleID = "ROLE-ID"
		}
	case from.get("kubernetes").set():
		kubernetes := from.get("kubernetes")
		auth.Mount = kubernetes.text("mountPath")
		auth.Kubernetes = &v1alpha1.VaultKubernetesAuth{Role: kubernetes.text("role"), ServiceAccountIdentity: s.identity(kubernetes.get("serviceAccountRef"), "vault")}
		s.c.lose(s.of, kubernetes.get("secretRef"), "tokens of ServiceAccounts are asked for, not kept in Secrets")
	case from.get("jwt").set():
		jwt := from.get("jwt")
		auth.Mount = jwt.text("path")
		auth.JWT = &v1alpha1.VaultJWTAuth{Role: jwt.text("role")}
		if token := jwt.get("secretRef"); token.set() {
			auth.JWT.TokenRef = new(s.secretKey(token, "jwt"))
		} else {
			account := jwt.get("kubernetesServiceAccountToken")
			account.get("expirationSeconds").done()
			identity := s.identity(account.get("serviceAccountRef"), s.c.audience(s.of, account.get("audiences"), "vault"))
			auth.JWT.ServiceAccount = &identity
		}
	default:
		s.c.note(s.of, Lost, from.done().path, "SecretSync logs in to Vault with kubernetes, appRole, jwt or token")
		return false
	}
	return true
}

// secretKey converts a reference to a key of a Secret that holds a credential.
func (s *store) secretKey(from fields, fallback string) v1alpha1.SecretKeyRef {
	name := from.text("name")
	s.c.copied(s.of, from.path, from.text("namespace"), s.namespace)
	s.c.credential(s.of, s.namespace, name)
	return v1alpha1.SecretKeyRef{Name: name, Key: from.or(fallback, "key")}
}

// identity converts whose token logs in.
func (s *store) identity(account fields, audience string) v1alpha1.ServiceAccountIdentity {
	identity := v1alpha1.ServiceAccountIdentity{Audience: s.c.audience(s.of, account.get("audiences"), audience)}
	switch {
	case account.text("name") == "":
		s.c.note(s.of, Changed, account.path, "the operator never logs in as itself: bind the role to ServiceAccount %q", v1alpha1.DefaultServiceAccount)
	default:
		identity.ServiceAccountRef = s.c.serviceAccount(s.of, account, account.text("name"))
	}
	if s.namespace != "" {
		account.get("namespace").done()
		return identity
	}
	identity.Identity = v1alpha1.IdentityConsumer
	if account.text("namespace") != "" {
		identity.Identity = v1alpha1.IdentityBackend
		s.c.copied(s.of, account.path, account.text("namespace"), s.namespace)
	}
	return identity
}

// infisical converts the provider Infisical.
func (s *store) infisical(from fields) (*v1alpha1.InfisicalBackend, bool) {
	scope, auth := from.get("secretsScope"), from.get("auth")
	backend := &v1alpha1.InfisicalBackend{
		Address:     address(from.or("https://app.infisical.com", "hostAPI"), "/api"),
		ProjectSlug: scope.text("projectSlug"), Environment: scope.text("environmentSlug"), TLS: s.tls(from),
		IncludeImports: new(true), ExpandReferences: new(true),
	}
	scope.get("organizationSlug").done()
	scope.get("secretsPath").done()
	if scope.flag("recursive") {
		backend.Recursive = new(true)
	}
	if expand, given := scope.get("expandSecretReferences").done().value.(bool); given && !expand {
		backend.ExpandReferences = new(false)
	}
	switch {
	case auth.get("universalAuthCredentials").set():
		universal := auth.get("universalAuthCredentials")
		backend.Auth.Universal = &v1alpha1.InfisicalUniversalAuth{
			ClientIDRef:     new(s.secretKey(universal.get("clientId"), "clientId")),
			ClientSecretRef: s.secretKey(universal.get("clientSecret"), "clientSecret"),
		}
	case auth.get("tokenAuthCredentials").set():
		backend.Auth.Token = &v1alpha1.InfisicalTokenAuth{SecretRef: s.secretKey(auth.get("tokenAuthCredentials", "accessToken"), "accessToken")}
	default:
		s.c.note(s.of, Lost, auth.done().path, "the identity's ID lies in a Secret, which only a login by universalAuthCredentials or token carries over from; write spec.infisical.auth by hand")
		return nil, false
	}
	return backend, true
}

// selector reads a selector of labels.
func selector(from fields) *metav1.LabelSelector {
	labels := &metav1.LabelSelector{MatchLabels: from.texts("matchLabels")}
	if len(labels.MatchLabels) == 0 {
		labels.MatchLabels = nil
	}
	for _, item := range from.items("matchExpressions") {
		labels.MatchExpressions = append(labels.MatchExpressions, metav1.LabelSelectorRequirement{
			Key: item.text("key"), Operator: metav1.LabelSelectorOperator(strings.TrimSpace(item.text("operator"))), Values: item.list("values"),
		})
	}
	return labels
}

// keyOf names a key of a Secret for people.
func keyOf(from fields) string {
	name := from.text("name")
	if namespace := from.text("namespace"); namespace != "" {
		name = namespace + "/" + name
	}
	return fmt.Sprintf("key %q of Secret %s", from.text("key"), name)
}
