// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import "maps"

// backendCases are about a backend of either kind.
func backendCases() map[string]apiCase {
	vault := func(text string) string { return "spec: {vault: {" + text + "}}" }
	auth := func(text string) string { return vault("auth: {token: null, " + text + "}") }
	address := func(text string) string { return vault("address: '" + text + "'") }
	const (
		addresses = "must be scheme, host and port and nothing else, as in https://vault.corp:8200"
		onePath   = "separated by single slashes, without one in front or behind"
		names     = "lower-case letters, digits, - and ."
		oneMethod = "must have exactly one of kubernetes, appRole, jwt and token"
		pem       = "-----BEGIN CERTIFICATE-----"
	)
	all := map[string]apiCase{
		"Everything": {
			reason: "each field of the design that can stand beside the others",
			patch: `
spec:
  vault:
    address: https://vault.corp:8200
    namespace: ""
    mount: secret
    kvVersion: Auto
    tls:
      caBundle: "-----BEGIN CERTIFICATE-----\nMII...\n-----END CERTIFICATE-----\n"
      serverName: vault.internal
      clientCertRef: {name: vault-client}
    auth:
      namespace: ""
      mount: kubernetes
      token: null
      kubernetes:
        role: app
        audience: vault
        serviceAccountRef: {name: secretsync-auth}
        identity: Consumer
  limits: {readsPerSecond: 50, burst: 100, timeout: 10s, minRefreshInterval: 5s}
`,
		},
		"AuthAppRole":        {patch: auth("mount: team/approle, namespace: corp/team-a, appRole: {roleID: id, secretIDRef: {name: app, key: secret-id}}")},
		"AuthJWTOfAccount":   {patch: auth("jwt: {role: app, serviceAccount: {audience: vault, serviceAccountRef: {name: sa}, identity: Backend}}")},
		"AuthJWTOfSecret":    {patch: auth("jwt: {tokenRef: {name: ci, key: jwt}}")},
		"CAInSecret":         {patch: vault("tls: {caRef: {name: ca, key: ca.crt}}")},
		"MountNested":        {patch: vault("mount: teams/kv, kvVersion: V1, namespace: corp/team-a")},
		"AddressPlain":       {patch: address("http://vault.corp")},
		"AddressSlash":       {patch: address("https://vault.corp:8200/")},
		"AddressIPv6":        {patch: address("https://[2001:db8::1]:8200")},
		"LimitsLowest":       {patch: "spec: {limits: {readsPerSecond: 1, burst: 1, timeout: 1s, minRefreshInterval: 5s}}"},
		"LimitsHighest":      {patch: "spec: {limits: {readsPerSecond: 10000, burst: 10000, timeout: 2m, minRefreshInterval: 8760h}}"},
		"NoProvider":         {patch: "spec: {vault: null}", field: "spec", says: "must have exactly one provider: vault or infisical"},
		"AddressNoScheme":    {patch: address("vault.corp:8200"), field: "spec.vault.address", says: addresses},
		"AddressOtherScheme": {patch: address("unix:///run/vault"), field: "spec.vault.address", says: addresses},
		"AddressNoHost":      {patch: address("https://:8200"), field: "spec.vault.address", says: addresses},
		"AddressPath":        {patch: address("https://vault.corp/v1"), field: "spec.vault.address", says: addresses},
		"AddressQuery":       {patch: address("https://vault.corp?a=b"), field: "spec.vault.address", says: addresses},
		"AddressEmptyQuery":  {patch: address("https://vault.corp?"), field: "spec.vault.address", says: addresses},
		"AddressFragment":    {patch: address("https://vault.corp#a"), field: "spec.vault.address", says: addresses},
		"AddressUser":        {reason: "a password would stand in the open", patch: address("https://user:pw@vault.corp"), field: "spec.vault.address", says: addresses},
		"NamespaceSlash":     {patch: vault("namespace: corp/"), field: "spec.vault.namespace", says: onePath},
		"NamespaceParent":    {patch: vault("namespace: a/../b"), field: "spec.vault.namespace", says: onePath},
		"MountSlash":         {patch: vault("mount: secret/"), field: "spec.vault.mount", says: onePath},
		"MountParent":        {reason: "no way to sys from here", patch: vault("mount: ../sys"), field: "spec.vault.mount", says: onePath},
		"KVVersionNumber":    {patch: vault("kvVersion: '2'"), field: "spec.vault.kvVersion", says: `"Auto", "V1", "V2"`},
		"CATwice":            {patch: vault("tls: {caBundle: '-----BEGIN CERTIFICATE-----', caRef: {name: ca, key: ca.crt}}"), field: "spec.vault.tls", says: "must have caBundle or caRef, not both"},
		"CAEncoded":          {reason: "as in a webhook's configuration, where it is Base64", patch: vault("tls: {caBundle: LS0tLS1CRUdJTg==}"), field: "spec.vault.tls.caBundle", says: pem},
		"CARefName":          {patch: vault("tls: {caRef: {name: CA, key: ca.crt}}"), field: "spec.vault.tls.caRef.name", says: names},
		"CARefKey":           {patch: vault("tls: {caRef: {name: ca, key: 'ca crt'}}"), field: "spec.vault.tls.caRef.key", says: "must be a key of a Secret"},
		"ClientCertName":     {patch: vault("tls: {clientCertRef: {name: a/b}}"), field: "spec.vault.tls.clientCertRef.name", says: names},
		"AuthNone":           {patch: vault("auth: {token: null}"), field: "spec.vault.auth", says: oneMethod},
		"AuthTwo":            {patch: vault("auth: {jwt: {tokenRef: {name: ci, key: jwt}}}"), field: "spec.vault.auth", says: oneMethod},
		"AuthTokenWithMount": {reason: "a field without effect is a mistake", patch: vault("auth: {mount: token}"), field: "spec.vault.auth", says: "must not have mount beside token"},
		"AuthNamespace":      {patch: vault("auth: {namespace: /corp}"), field: "spec.vault.auth.namespace", says: onePath},
		"AuthMount":          {patch: auth("mount: auth//kubernetes, kubernetes: {role: a, audience: v}"), field: "spec.vault.auth.mount", says: onePath},
		"KubernetesAudience": {patch: auth("kubernetes: {role: a}"), field: "spec.vault.auth.kubernetes.audience", says: "Required value"},
		"KubernetesIdentity": {patch: auth("kubernetes: {role: a, audience: v, identity: Cluster}"), field: "spec.vault.auth.kubernetes.identity", says: `"Backend", "Consumer"`},
		"KubernetesAccount":  {patch: auth("kubernetes: {role: a, audience: v, serviceAccountRef: {name: 'kube-system:x'}}"), field: "spec.vault.auth.kubernetes.serviceAccountRef.name", says: names},
		"JWTNone":            {patch: auth("jwt: {role: a}"), field: "spec.vault.auth.jwt", says: "must have exactly one of serviceAccount and tokenRef"},
		"JWTBoth":            {patch: auth("jwt: {tokenRef: {name: ci, key: jwt}, serviceAccount: {audience: v}}"), field: "spec.vault.auth.jwt", says: "must have exactly one of serviceAccount and tokenRef"},
		"JWTAccount":         {patch: auth("jwt: {serviceAccount: {audience: v, serviceAccountRef: {name: A}}}"), field: "spec.vault.auth.jwt.serviceAccount.serviceAccountRef.name", says: names},
		"JWTSecretName":      {patch: auth("jwt: {tokenRef: {name: CI, key: jwt}}"), field: "spec.vault.auth.jwt.tokenRef.name", says: names},
		"JWTSecretKey":       {patch: auth("jwt: {tokenRef: {name: ci, key: a/b}}"), field: "spec.vault.auth.jwt.tokenRef.key", says: "must be a key of a Secret"},
		"AppRoleSecretName":  {patch: auth("appRole: {roleID: id, secretIDRef: {name: A, key: id}}"), field: "spec.vault.auth.appRole.secretIDRef.name", says: names},
		"AppRoleSecretKey":   {patch: auth("appRole: {roleID: id, secretIDRef: {name: a, key: 'i d'}}"), field: "spec.vault.auth.appRole.secretIDRef.key", says: "must be a key of a Secret"},
		"TokenSecretName":    {patch: vault("auth: {token: {secretRef: {name: A}}}"), field: "spec.vault.auth.token.secretRef.name", says: names},
		"TokenSecretKey":     {patch: vault("auth: {token: {secretRef: {key: 'a b'}}}"), field: "spec.vault.auth.token.secretRef.key", says: "must be a key of a Secret"},
		"TimeoutTooShort":    {patch: "spec: {limits: {timeout: 500ms}}", field: "spec.limits.timeout", says: "must be 1s to 2m"},
		"TimeoutTooLong":     {patch: "spec: {limits: {timeout: 121s}}", field: "spec.limits.timeout", says: "must be 1s to 2m"},
		"TimeoutDays":        {patch: "spec: {limits: {timeout: 1d}}", field: "spec.limits.timeout", says: "must be 1s to 2m"},
		"IntervalTooShort":   {patch: "spec: {limits: {minRefreshInterval: 1s}}", field: "spec.limits.minRefreshInterval", says: "must be 5s to 8760h"},
		"WithoutSpec":        {patch: "spec: null", field: "spec", says: "Required value"},
	}
	maps.Copy(all, infisicalCases())
	return all
}

// allowCases are about a ClusterSecretBackend's guard.
func allowCases() map[string]apiCase {
	allow := func(text string) string { return "spec: {allow: {" + text + "}}" }
	paths := func(text string) string { return allow("paths: ['" + text + "']") }
	const patterns = "must be segments separated by single slashes, each of them *, ** or made of"
	return map[string]apiCase{
		"AllowEverything": {patch: `
spec:
  allow:
    namespaces:
      names: [payments]
      selector: {matchLabels: {env: prod}, matchExpressions: [{key: team, operator: In, values: [red]}]}
    paths: ["apps/{namespace}/**", "teams/{label:corp.example/team}/*", "shared-{namespace}", "**"]
    trustedLabels: [corp.example/team]
`},
		"AllowAllNamespaces":  {patch: allow("namespaces: {}, paths: ['**']")},
		"AllowNothing":        {patch: allow("paths: []")},
		"AllowRoot":           {patch: paths("/")},
		"ExpandReferences":    {reason: "a reference would reach past the paths", patch: "spec: {vault: null, infisical: {address: 'https://i.corp', projectID: p, environment: prod, expandReferences: true, auth: {token: {secretRef: {name: a, key: b}}}}}", field: "spec", says: "must not have true for infisical.expandReferences"},
		"LiteralReferences":   {patch: "spec: {vault: null, infisical: {address: 'https://i.corp', projectID: p, environment: prod, expandReferences: false, auth: {token: {secretRef: {name: a, key: b}}}}}"},
		"NamesEmpty":          {reason: "an empty list from a template must not mean everybody", patch: allow("namespaces: {names: []}"), field: "spec.allow.namespaces.names", says: "at least 1 item"},
		"NamesInvalid":        {patch: allow("namespaces: {names: ['team-*']}"), field: "spec.allow.namespaces.names[0]", says: "must be the name of a namespace"},
		"NamesTwice":          {patch: allow("namespaces: {names: [a, a]}"), field: "spec.allow.namespaces.names[1]", says: "Duplicate value"},
		"PathLeadingSlash":    {patch: paths("/apps"), field: "spec.allow.paths[0]", says: patterns},
		"PathTrailingSlash":   {patch: paths("apps/"), field: "spec.allow.paths[0]", says: patterns},
		"PathParent":          {patch: paths("apps/../x"), field: "spec.allow.paths[0]", says: patterns},
		"PathStarWithinText":  {reason: "* is a whole segment", patch: paths("app-*"), field: "spec.allow.paths[0]", says: patterns},
		"PathOtherVariable":   {patch: paths("{name}/x"), field: "spec.allow.paths[0]", says: patterns},
		"PathOpenVariable":    {patch: paths("{namespace/x"), field: "spec.allow.paths[0]", says: patterns},
		"PathQuestion":        {patch: paths("app?"), field: "spec.allow.paths[0]", says: patterns},
		"TrustedLabelInvalid": {patch: allow("trustedLabels: ['a b']"), field: "spec.allow.trustedLabels[0]", says: "must be the key of a label"},
	}
}
