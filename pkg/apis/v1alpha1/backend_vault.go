// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// VaultBackend is a KV secrets engine of HashiCorp Vault or OpenBao.
type VaultBackend struct {
	// address of the server, such as https://vault.corp:8200.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="isURL(self) && url(self).getScheme() in ['https', 'http'] && url(self).getHostname() != '' && url(self).getEscapedPath() in ['', '/'] && !self.matches('[?#@]')",message="must be scheme, host and port and nothing else, as in https://vault.corp:8200"
	// +required
	Address string `json:"address,omitempty"`
	// namespace of Vault Enterprise or OpenBao.
	// +kubebuilder:validation:MinLength=0
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="self == '' || (self.matches('^[A-Za-z0-9_.@ -]+(/[A-Za-z0-9_.@ -]+)*$') && !self.matches('(^|/)[.]{1,2}(/|$)'))",message="must be empty or names of [A-Za-z0-9_.@ -] separated by single slashes, without one in front or behind, as in corp/team-a"
	// +optional
	Namespace string `json:"namespace,omitempty"`
	// mount is where the KV secrets engine is mounted. Default: secret.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9_.@ -]+(/[A-Za-z0-9_.@ -]+)*$') && !self.matches('(^|/)[.]{1,2}(/|$)')",message="must be names of [A-Za-z0-9_.@ -] separated by single slashes, without one in front or behind, as in teams/kv"
	// +optional
	Mount string `json:"mount,omitempty"`
	// kvVersion of the engine: Auto, V1 or V2. Default: Auto.
	// +kubebuilder:validation:Enum=Auto;V1;V2
	// +optional
	KVVersion string `json:"kvVersion,omitempty"`
	// tls says whom to trust and how to identify.
	// +optional
	TLS TLS `json:"tls,omitzero"`
	// auth says how to log in.
	// +required
	Auth VaultAuth `json:"auth,omitzero"`
}

// TLS says whom to trust and how to identify.
//
// +kubebuilder:validation:XValidation:rule="!(has(self.caBundle) && has(self.caRef))",message="must have caBundle or caRef, not both"
type TLS struct {
	// caBundle holds PEM certificates to trust instead of the system's.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=262144
	// +kubebuilder:validation:XValidation:rule="self.contains('-----BEGIN CERTIFICATE-----')",message="must hold PEM certificates, which begin with -----BEGIN CERTIFICATE-----"
	// +optional
	CABundle string `json:"caBundle,omitempty"`
	// caRef names a Secret key with PEM certificates to trust instead of the system's.
	// +optional
	CARef *SecretKeyRef `json:"caRef,omitempty"`
	// serverName the certificate must be for, if not the address's host.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +optional
	ServerName string `json:"serverName,omitempty"`
	// clientCertRef names a Secret with tls.crt and tls.key.
	// +optional
	ClientCertRef *LocalRef `json:"clientCertRef,omitempty"`
}

// VaultAuth says how to log in; exactly one method is set.
//
// +kubebuilder:validation:XValidation:rule="[has(self.kubernetes), has(self.appRole), has(self.jwt), has(self.token)].filter(x, x).size() == 1",message="must have exactly one of kubernetes, appRole, jwt and token"
// +kubebuilder:validation:XValidation:rule="!(has(self.token) && has(self.mount))",message="must not have mount beside token, which belongs to no mount"
type VaultAuth struct {
	// namespace where the auth method lives, if not where the secrets are.
	// +kubebuilder:validation:MinLength=0
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="self == '' || (self.matches('^[A-Za-z0-9_.@ -]+(/[A-Za-z0-9_.@ -]+)*$') && !self.matches('(^|/)[.]{1,2}(/|$)'))",message="must be empty or names of [A-Za-z0-9_.@ -] separated by single slashes, without one in front or behind, as in corp/team-a"
	// +optional
	Namespace string `json:"namespace,omitempty"`
	// mount of the auth method. Default: kubernetes, approle or jwt.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9_.@ -]+(/[A-Za-z0-9_.@ -]+)*$') && !self.matches('(^|/)[.]{1,2}(/|$)')",message="must be names of [A-Za-z0-9_.@ -] separated by single slashes, without one in front or behind, as in teams/kv"
	// +optional
	Mount string `json:"mount,omitempty"`
	// kubernetes logs in with a ServiceAccount token that Vault reviews.
	// +optional
	Kubernetes *VaultKubernetesAuth `json:"kubernetes,omitempty"`
	// appRole logs in with a role ID and a secret ID.
	// +optional
	AppRole *VaultAppRoleAuth `json:"appRole,omitempty"`
	// jwt logs in with a ServiceAccount token that Vault verifies by itself.
	// +optional
	JWT *VaultJWTAuth `json:"jwt,omitempty"`
	// token uses a token that somebody else made and renews.
	// +optional
	Token *VaultTokenAuth `json:"token,omitempty"`
}

// Identity says whose namespace the ServiceAccount that logs in is of.
const (
	// IdentityBackend logs in once, with a ServiceAccount of the backend's namespace.
	IdentityBackend = "Backend"
	// IdentityConsumer logs in for each namespace, with its own ServiceAccount.
	IdentityConsumer = "Consumer"
)

// ServiceAccountIdentity names the ServiceAccount whose token logs in.
type ServiceAccountIdentity struct {
	// audience of the token; the API server itself must not accept it.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +required
	Audience string `json:"audience,omitempty"`
	// serviceAccountRef names the ServiceAccount. Default: secretsync-auth.
	// +optional
	ServiceAccountRef *LocalRef `json:"serviceAccountRef,omitempty"`
	// identity is Backend (one login, by the backend's namespace or, for a cluster backend,
	// the operator's) or Consumer (a login for each SecretSync's namespace). Default:
	// Backend.
	// +kubebuilder:validation:Enum=Backend;Consumer
	// +optional
	Identity string `json:"identity,omitempty"`
}

// VaultKubernetesAuth logs in with a ServiceAccount token that Vault reviews.
type VaultKubernetesAuth struct {
	// role in Vault.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +required
	Role                   string `json:"role,omitempty"`
	ServiceAccountIdentity `json:",inline"`
}

// VaultJWTAuth logs in with a JWT: a ServiceAccount token, or one kept in a Secret.
//
// +kubebuilder:validation:XValidation:rule="has(self.serviceAccount) != has(self.tokenRef)",message="must have exactly one of serviceAccount and tokenRef"
type VaultJWTAuth struct {
	// role in Vault; empty uses the mount's default role.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +optional
	Role string `json:"role,omitempty"`
	// serviceAccount whose token logs in.
	// +optional
	ServiceAccount *ServiceAccountIdentity `json:"serviceAccount,omitempty"`
	// tokenRef names a Secret key with a JWT.
	// +optional
	TokenRef *SecretKeyRef `json:"tokenRef,omitempty"`
}

// VaultAppRoleAuth logs in with a role ID and a secret ID.
type VaultAppRoleAuth struct {
	// roleID of the AppRole.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +required
	RoleID string `json:"roleID,omitempty"`
	// secretIDRef names the Secret key with the secret ID.
	// +required
	SecretIDRef SecretKeyRef `json:"secretIDRef,omitzero"`
}

// VaultTokenAuth uses a token that somebody else made and renews.
type VaultTokenAuth struct {
	// secretRef names the Secret key with the token.
	// +required
	SecretRef SecretKeyRef `json:"secretRef,omitzero"`
}
