// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import "strings"

// infisicalCases are about a backend of either kind that is an Infisical.
func infisicalCases() map[string]apiCase {
	const (
		token     = "auth: {token: {secretRef: {name: a, key: b}}}"
		oneMethod = "must have exactly one of universal, kubernetes, oidc, jwt, ldap and token"
	)
	with := func(text string) string {
		return "spec: {vault: null, infisical: {address: 'https://i.corp', projectID: p1, environment: prod, " + token + ", " + text + "}}"
	}
	auth := func(text string) string { return with("auth: {" + text + "}") }
	all := map[string]apiCase{
		"InfisicalEverything": {patch: `
spec:
  vault: null
  infisical:
    address: https://app.infisical.com
    projectSlug: payments-x7q2
    environment: prod
    recursive: true
    tags: [k8s, db_1]
    expandReferences: false
    includeImports: false
    tls:
      caRef: {name: ca, key: ca.crt}
      serverName: infisical.internal
      clientCertRef: {name: infisical-client}
    auth:
      kubernetes:
        identityID: 67d567ac-5f4d-469d-9fae-bc3a9825091e
        audience: infisical
        serviceAccountRef: {name: secretsync-auth}
        identity: Consumer
`},
		"InfisicalUniversal":     {patch: auth("universal: {clientID: 59d6d1ca-47bb, clientSecretRef: {name: a, key: b}}")},
		"InfisicalUniversalRef":  {patch: auth("universal: {clientIDRef: {name: a, key: id}, clientSecretRef: {name: a, key: b}}")},
		"InfisicalOIDC":          {patch: auth("oidc: {identityID: i, serviceAccount: {audience: infisical}}")},
		"InfisicalJWT":           {patch: auth("jwt: {identityID: i, tokenRef: {name: a, key: b}}")},
		"InfisicalLDAP":          {patch: auth("ldap: {identityID: i, username: 'CN=robot,O=Corp', passwordRef: {name: a, key: b}}")},
		"InfisicalBesideVault":   {patch: "spec: {infisical: {address: 'https://i.corp', projectID: p1, environment: prod, " + token + "}}", field: "spec", says: "must have exactly one provider: vault or infisical"},
		"InfisicalAddressPath":   {reason: "the API is always at /api", patch: with("address: 'https://i.corp/api'"), field: "spec.infisical.address", says: "must be scheme, host and port and nothing else"},
		"InfisicalNoProject":     {patch: with("projectID: null"), field: "spec.infisical", says: "must have exactly one of projectID and projectSlug"},
		"InfisicalTwoProjects":   {patch: with("projectSlug: payments"), field: "spec.infisical", says: "must have exactly one of projectID and projectSlug"},
		"InfisicalProjectPath":   {patch: with("projectID: 'a/../b'"), field: "spec.infisical.projectID", says: "must be the ID of a project"},
		"InfisicalProjectSlug":   {patch: with("projectID: null, projectSlug: 'a b'"), field: "spec.infisical.projectSlug", says: "must be the slug of a project"},
		"InfisicalNoEnvironment": {patch: with("environment: null"), field: "spec.infisical.environment", says: "Required value"},
		"InfisicalEnvironment":   {patch: with("environment: 'prod&secretPath=/x'"), field: "spec.infisical.environment", says: "must be the slug of an environment"},
		"InfisicalTag":           {patch: with("tags: ['a,b']"), field: "spec.infisical.tags[0]", says: "must be the slug of a tag"},
		"InfisicalTagTwice":      {patch: with("tags: [a, a]"), field: "spec.infisical.tags[1]", says: "Duplicate value"},
		"InfisicalAuthNone":      {patch: with("auth: {token: null}"), field: "spec.infisical.auth", says: oneMethod},
		"InfisicalAuthTwo":       {patch: auth("token: {secretRef: {name: a, key: b}}, ldap: {identityID: i, username: u, passwordRef: {name: a, key: b}}"), field: "spec.infisical.auth", says: oneMethod},
		"InfisicalClientIDNone":  {patch: auth("universal: {clientSecretRef: {name: a, key: b}}"), field: "spec.infisical.auth.universal", says: "must have exactly one of clientID and clientIDRef"},
		"InfisicalClientIDTwice": {patch: auth("universal: {clientID: a, clientIDRef: {name: a, key: b}, clientSecretRef: {name: a, key: b}}"), field: "spec.infisical.auth.universal", says: "must have exactly one of clientID and clientIDRef"},
		"InfisicalClientID":      {patch: auth("universal: {clientID: 'a b', clientSecretRef: {name: a, key: b}}"), field: "spec.infisical.auth.universal.clientID", says: "must be a client ID"},
		"InfisicalAudience":      {patch: auth("kubernetes: {identityID: i}"), field: "spec.infisical.auth.kubernetes.audience", says: "Required value"},
		"InfisicalOIDCNone":      {patch: auth("oidc: {identityID: i}"), field: "spec.infisical.auth.oidc", says: "must have exactly one of serviceAccount and tokenRef"},
		"InfisicalJWTBoth":       {patch: auth("jwt: {identityID: i, tokenRef: {name: a, key: b}, serviceAccount: {audience: i}}"), field: "spec.infisical.auth.jwt", says: "must have exactly one of serviceAccount and tokenRef"},
		"InfisicalCATwice":       {patch: with("tls: {caBundle: '-----BEGIN CERTIFICATE-----', caRef: {name: ca, key: ca.crt}}"), field: "spec.infisical.tls", says: "must have caBundle or caRef, not both"},
		"InfisicalCABundle":      {patch: with("tls: {caBundle: '-----BEGIN CERTIFICATE-----'}")},
		"InfisicalCAEncoded":     {patch: with("tls: {caBundle: LS0tLS1CRUdJTg==}"), field: "spec.infisical.tls.caBundle", says: "-----BEGIN CERTIFICATE-----"},
		"InfisicalClientCert":    {patch: with("tls: {clientCertRef: {name: a/b}}"), field: "spec.infisical.tls.clientCertRef.name", says: objectNames},
		"InfisicalOIDCOfSecret":  {patch: auth("oidc: {identityID: i, tokenRef: {name: a, key: b}}")},
	}
	for what, member := range members() {
		refused := func(name, value, field, says string) {
			all["Infisical"+what+name] = apiCase{patch: with(strings.ReplaceAll(member.text, member.value, value)), field: "spec.infisical." + member.field + field, says: says}
		}
		switch {
		case member.id:
			refused("Slash", "a/b", "", "must be the ID of a machine identity")
		case member.object:
			refused("Name", "{name: 'a:b'}", ".name", objectNames)
			all["Infisical"+what] = apiCase{patch: with(member.text)}
		default:
			refused("Name", "{name: A, key: b}", ".name", objectNames)
			refused("Key", "{name: a, key: 'b c'}", ".key", "must be a key of a Secret")
		}
	}
	return all
}

const objectNames = "lower-case letters, digits, - and ."

// member is a part of a specification that occurs in several places.
type member struct {
	text, value string // a text that holds the value
	field       string // where the value is
	object, id  bool   // what the value names: an object, a machine identity, else a Secret's key
}

func members() map[string]member {
	const key = "{name: k, key: v}"
	account := func(method string) member {
		return member{
			text:  "auth: {" + method + ": {identityID: i, serviceAccount: {audience: i, identity: Consumer, serviceAccountRef: {name: sa}}}}",
			value: "{name: sa}", field: "auth." + method + ".serviceAccount.serviceAccountRef", object: true,
		}
	}
	secret := func(field, text string) member { return member{text: text, value: key, field: field} }
	identity := func(method, rest string) member {
		return member{text: "auth: {" + method + ": {identityID: i-1, " + rest + "}}", value: "i-1", field: "auth." + method + ".identityID", id: true}
	}
	return map[string]member{
		"CARef":              secret("tls.caRef", "tls: {caRef: "+key+"}"),
		"ClientIDRef":        secret("auth.universal.clientIDRef", "auth: {universal: {clientIDRef: "+key+", clientSecretRef: {name: a, key: b}}}"),
		"ClientSecretRef":    secret("auth.universal.clientSecretRef", "auth: {universal: {clientID: a, clientSecretRef: "+key+"}}"),
		"OIDCTokenRef":       secret("auth.oidc.tokenRef", "auth: {oidc: {identityID: i, tokenRef: "+key+"}}"),
		"JWTTokenRef":        secret("auth.jwt.tokenRef", "auth: {jwt: {identityID: i, tokenRef: "+key+"}}"),
		"PasswordRef":        secret("auth.ldap.passwordRef", "auth: {ldap: {identityID: i, username: u, passwordRef: "+key+"}}"),
		"TokenRef":           secret("auth.token.secretRef", "auth: {token: {secretRef: "+key+"}}"),
		"OIDCAccount":        account("oidc"),
		"JWTAccount":         account("jwt"),
		"KubernetesAccount":  {text: "auth: {kubernetes: {identityID: i, audience: i, serviceAccountRef: {name: sa}}}", value: "{name: sa}", field: "auth.kubernetes.serviceAccountRef", object: true},
		"KubernetesIdentity": identity("kubernetes", "audience: i"),
		"OIDCIdentity":       identity("oidc", "tokenRef: "+key),
		"JWTIdentity":        identity("jwt", "tokenRef: "+key),
		"LDAPIdentity":       identity("ldap", "username: u, passwordRef: "+key),
	}
}
