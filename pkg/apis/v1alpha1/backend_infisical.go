// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// InfisicalBackend is one environment of a project of Infisical. An entry is a folder in it,
// its fields are the folder's secrets.
//
// +kubebuilder:validation:XValidation:rule="has(self.projectID) != has(self.projectSlug)",message="must have exactly one of projectID and projectSlug"
type InfisicalBackend struct {
	// address of the server, such as https://app.infisical.com.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="isURL(self) && url(self).getScheme() in ['https', 'http'] && url(self).getHostname() != '' && url(self).getEscapedPath() in ['', '/'] && !self.matches('[?#@]')",message="must be scheme, host and port and nothing else, as in https://app.infisical.com"
	// +required
	Address string `json:"address,omitempty"`
	// projectID is the project's ID.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9_-]+$')",message="must be the ID of a project: letters, digits, - and _"
	// +optional
	ProjectID string `json:"projectID,omitempty"`
	// projectSlug is the project's slug; its ID is looked up once.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9_-]+$')",message="must be the slug of a project: letters, digits, - and _"
	// +optional
	ProjectSlug string `json:"projectSlug,omitempty"`
	// environment is the slug of the environment, such as prod. It belongs to the backend, so
	// that the same SecretSync works in each environment.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9_-]+$')",message="must be the slug of an environment: letters, digits, - and _, as in prod"
	// +required
	Environment string `json:"environment,omitempty"`
	// recursive makes an entry hold the secrets of the folders below it as well; of a name
	// that occurs twice, the folder nearest to the entry wins. Default: false.
	// +optional
	Recursive *bool `json:"recursive,omitempty"`
	// tags keep an entry to the secrets that carry one of these tags, by slug.
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=128
	// +kubebuilder:validation:items:XValidation:rule="self.matches('^[A-Za-z0-9_-]+$')",message="must be the slug of a tag: letters, digits, - and _"
	// +optional
	Tags []string `json:"tags,omitempty"`
	// expandReferences has the server put the value of another secret in place of ${...}; if it
	// is false, values are served as they are written. A ClusterSecretBackend never expands:
	// there, a value with a reference in it is refused unless this is false. Default: true
	// for a SecretBackend.
	// +optional
	ExpandReferences *bool `json:"expandReferences,omitempty"`
	// includeImports makes an entry hold what its folder imports as well; the folder's own
	// secrets win, then the last import. Default: true.
	// +optional
	IncludeImports *bool `json:"includeImports,omitempty"`
	// tls says whom to trust and how to identify.
	// +optional
	TLS TLS `json:"tls,omitzero"`
	// auth says how to log in.
	// +required
	Auth InfisicalAuth `json:"auth,omitzero"`
}

// InfisicalAuth says how a machine identity logs in; exactly one method is set.
//
// +kubebuilder:validation:XValidation:rule="[has(self.universal), has(self.kubernetes), has(self.oidc), has(self.jwt), has(self.ldap), has(self.token)].filter(x, x).size() == 1",message="must have exactly one of universal, kubernetes, oidc, jwt, ldap and token"
type InfisicalAuth struct {
	// universal logs in with a client ID and a client secret.
	// +optional
	Universal *InfisicalUniversalAuth `json:"universal,omitempty"`
	// kubernetes logs in with a ServiceAccount token that Infisical has reviewed.
	// +optional
	Kubernetes *InfisicalKubernetesAuth `json:"kubernetes,omitempty"`
	// oidc logs in with a token of an OIDC issuer that Infisical looks up, such as a cluster.
	// +optional
	OIDC *InfisicalTokenLogin `json:"oidc,omitempty"`
	// jwt logs in with a token that Infisical verifies by configured keys.
	// +optional
	JWT *InfisicalTokenLogin `json:"jwt,omitempty"`
	// ldap logs in with a user name and a password.
	// +optional
	LDAP *InfisicalLDAPAuth `json:"ldap,omitempty"`
	// token uses an access token that somebody else made and replaces.
	// +optional
	Token *InfisicalTokenAuth `json:"token,omitempty"`
}

// InfisicalUniversalAuth logs in with a client ID and a client secret.
//
// +kubebuilder:validation:XValidation:rule="has(self.clientID) != has(self.clientIDRef)",message="must have exactly one of clientID and clientIDRef"
type InfisicalUniversalAuth struct {
	// clientID of the machine identity.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9_-]+$')",message="must be a client ID: letters, digits, - and _"
	// +optional
	ClientID string `json:"clientID,omitempty"`
	// clientIDRef names the Secret key with the client ID.
	// +optional
	ClientIDRef *SecretKeyRef `json:"clientIDRef,omitempty"`
	// clientSecretRef names the Secret key with the client secret.
	// +required
	ClientSecretRef SecretKeyRef `json:"clientSecretRef,omitzero"`
}

// InfisicalKubernetesAuth logs in with a ServiceAccount token that Infisical has reviewed.
type InfisicalKubernetesAuth struct {
	// identityID of the machine identity.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9_-]+$')",message="must be the ID of a machine identity: letters, digits, - and _"
	// +required
	IdentityID             string `json:"identityID,omitempty"`
	ServiceAccountIdentity `json:",inline"`
}

// InfisicalTokenLogin logs in with a JWT: a ServiceAccount token, or one kept in a Secret.
//
// +kubebuilder:validation:XValidation:rule="has(self.serviceAccount) != has(self.tokenRef)",message="must have exactly one of serviceAccount and tokenRef"
type InfisicalTokenLogin struct {
	// identityID of the machine identity.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9_-]+$')",message="must be the ID of a machine identity: letters, digits, - and _"
	// +required
	IdentityID string `json:"identityID,omitempty"`
	// serviceAccount whose token logs in, a fresh one each time.
	// +optional
	ServiceAccount *ServiceAccountIdentity `json:"serviceAccount,omitempty"`
	// tokenRef names a Secret key with a JWT.
	// +optional
	TokenRef *SecretKeyRef `json:"tokenRef,omitempty"`
}

// InfisicalLDAPAuth logs in with a user name and a password.
type InfisicalLDAPAuth struct {
	// identityID of the machine identity.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9_-]+$')",message="must be the ID of a machine identity: letters, digits, - and _"
	// +required
	IdentityID string `json:"identityID,omitempty"`
	// username in the directory.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +required
	Username string `json:"username,omitempty"`
	// passwordRef names the Secret key with the password.
	// +required
	PasswordRef SecretKeyRef `json:"passwordRef,omitzero"`
}

// InfisicalTokenAuth uses an access token that somebody else made and replaces.
type InfisicalTokenAuth struct {
	// secretRef names the Secret key with the token.
	// +required
	SecretRef SecretKeyRef `json:"secretRef,omitzero"`
}
