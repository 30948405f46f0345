// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"encoding/json"

	"github.com/secretsync/secretsync/test/infisical/access"
	"github.com/secretsync/secretsync/test/infisical/store"
)

func identityRoutes() []route {
	const universal = "/api/v1/auth/universal-auth/identities/{id}"
	routes := []route{
		{"POST /api/v1/admin/bootstrap", writeClass, anybody, (*call).bootstrap},
		{"POST /api/v1/identities", writeClass, admins, (*call).createIdentity},
		{"DELETE /api/v1/identities/{id}", writeClass, admins, (*call).deleteIdentity},
		{"POST " + universal, writeClass, admins, (*call).allowUniversal},
		{"PATCH " + universal, writeClass, admins, (*call).changeUniversal},
		{"POST " + universal + "/client-secrets", writeClass, admins, (*call).createClientSecret},
		{"POST " + universal + "/client-secrets/{secret}/revoke", writeClass, admins, (*call).revokeClientSecret},
		{"POST " + universal + "/clear-lockouts", writeClass, admins, (*call).clearLockouts},
		{"POST /api/v1/auth/token-auth/identities/{id}/tokens", writeClass, admins, (*call).createToken},
	}
	for _, method := range []access.Method{
		access.Kubernetes, access.OIDC, access.JWT, access.LDAP, access.Azure, access.GCP, access.AWS, access.Token,
	} {
		at := "/api/v1/auth/" + string(method) + "/identities/{id}"
		routes = append(routes,
			route{"POST " + at, writeClass, admins, allow(method)},
			route{"PATCH " + at, writeClass, admins, allow(method)})
	}
	return routes
}

// bootstrap makes the first person, the first organization and the first identity, once.
func (c *call) bootstrap() (any, error) {
	var body struct{ Email, Password, Organization string }
	if err := c.body(&body); err != nil {
		return nil, err
	}
	if err := need("email", body.Email, "password", body.Password, "organization", body.Organization); err != nil {
		return nil, err
	}
	if c.registry.HasUsers() {
		return nil, store.BadRequest("Instance has already been set up")
	}
	user := c.registry.CreateUser(body.Email, body.Password, c.orgID)
	admin := c.registry.Create("Instance Admin Identity", c.orgID, "admin")
	if err := c.registry.Allow(admin.ID, access.Token, access.Policy{}, nil); err != nil {
		return nil, err
	}
	grant, err := c.registry.Login(admin.ID, access.Token)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"message":      "Successfully bootstrapped instance",
		"organization": map[string]any{"id": c.orgID, "name": body.Organization, "slug": body.Organization},
		"identity": map[string]any{
			"id": admin.ID, "name": admin.Name, "credentials": map[string]any{"token": grant.AccessToken},
		},
		"user": map[string]any{"id": user.ID, "email": user.Email, "username": user.Email, "superAdmin": true},
	}, nil
}

func (c *call) createIdentity() (any, error) {
	var body struct {
		Name  string `json:"name"`
		OrgID string `json:"organizationId"`
		Role  string `json:"role"`
	}
	if err := c.body(&body); err != nil {
		return nil, err
	}
	if err := need("name", body.Name, "organizationId", body.OrgID); err != nil {
		return nil, err
	}
	return map[string]any{"identity": c.registry.Create(body.Name, body.OrgID, body.Role)}, nil
}

func (c *call) deleteIdentity() (any, error) {
	gone, err := c.registry.Delete(c.path("id"))
	if err != nil {
		return nil, err
	}
	return map[string]any{"identity": gone}, nil
}

// policyBody is what all ways to log in can be told of their tokens.
type policyBody struct {
	access.Policy

	Trusted []struct {
		IPAddress string `json:"ipAddress"`
	} `json:"accessTokenTrustedIps"`
}

// defaultTTL is 30 days in seconds.
const defaultTTL = 2_592_000

func newPolicyBody() policyBody {
	return policyBody{Policy: access.Policy{TTL: defaultTTL, MaxTTL: defaultTTL}}
}

func (b policyBody) policy() (access.Policy, error) {
	for _, network := range b.Trusted {
		b.TrustedIPs = append(b.TrustedIPs, network.IPAddress)
	}
	if b.MaxTTL != 0 && b.TTL > b.MaxTTL {
		return b.Policy, &invalid{[]issue{{
			Code: "custom", Path: []string{"accessTokenTTL"}, Message: "Access Token TTL cannot be greater than Access Token Max TTL.",
		}}}
	}
	return b.Policy, nil
}

type universalBody struct {
	policyBody

	LockoutEnabled   *bool `json:"lockoutEnabled"`
	LockoutThreshold int   `json:"lockoutThreshold"`
	LockoutDuration  int64 `json:"lockoutDurationSeconds"`
	LockoutWindow    int64 `json:"lockoutCounterResetSeconds"`
}

func (b universalBody) lockout() access.Lockout {
	lockout := access.DefaultLockout()
	if b.LockoutEnabled != nil {
		lockout.Enabled = *b.LockoutEnabled
	}
	if b.LockoutThreshold > 0 {
		lockout.Threshold = b.LockoutThreshold
	}
	if b.LockoutDuration > 0 {
		lockout.Duration = seconds(b.LockoutDuration)
	}
	if b.LockoutWindow > 0 {
		lockout.Window = seconds(b.LockoutWindow)
	}
	return lockout
}

func (c *call) allowUniversal() (any, error) {
	return c.universal(func(body universalBody, policy access.Policy) (string, error) {
		return c.registry.AllowUniversal(c.path("id"), policy, body.lockout())
	})
}

func (c *call) changeUniversal() (any, error) {
	return c.universal(func(_ universalBody, policy access.Policy) (string, error) {
		return c.registry.ChangeUniversal(c.path("id"), policy)
	})
}

func (c *call) universal(set func(universalBody, access.Policy) (string, error)) (any, error) {
	body := universalBody{policyBody: newPolicyBody()}
	if err := c.body(&body); err != nil {
		return nil, err
	}
	policy, err := body.policy()
	if err != nil {
		return nil, err
	}
	clientID, err := set(body, policy)
	if err != nil {
		return nil, err
	}
	return map[string]any{"identityUniversalAuth": map[string]any{
		"id": c.path("id"), "identityId": c.path("id"), "clientId": clientID,
		"accessTokenTTL": policy.TTL, "accessTokenMaxTTL": policy.MaxTTL, "accessTokenNumUsesLimit": policy.UsesLimit,
	}}, nil
}

func (c *call) createClientSecret() (any, error) {
	var body struct {
		Description string `json:"description"`
		TTL         int64  `json:"ttl"`
		UsesLimit   int64  `json:"numUsesLimit"`
	}
	if err := c.body(&body); err != nil {
		return nil, err
	}
	made, text, err := c.registry.CreateSecret(c.path("id"), body.Description, body.TTL, body.UsesLimit)
	if err != nil {
		return nil, err
	}
	return map[string]any{"clientSecret": text, "clientSecretData": tellClientSecret(made)}, nil
}

func (c *call) revokeClientSecret() (any, error) {
	gone, err := c.registry.RevokeSecret(c.path("id"), c.path("secret"))
	if err != nil {
		return nil, err
	}
	return map[string]any{"clientSecretData": tellClientSecret(gone)}, nil
}

func (c *call) clearLockouts() (any, error) {
	if err := c.registry.Unlock(c.path("id")); err != nil {
		return nil, err
	}
	return map[string]any{"deleted": 1}, nil
}

func tellClientSecret(s access.ClientSecret) map[string]any {
	return map[string]any{
		"id": s.ID, "description": s.Description, "clientSecretPrefix": s.Prefix, "clientSecretTTL": s.TTL,
		"clientSecretNumUses": s.Uses, "clientSecretNumUsesLimit": s.UsesLimit, "isClientSecretRevoked": s.Revoked,
		"createdAt": stamp(s.CreatedAt),
	}
}

// allow sets up one of the ways to log in whose settings only its verification understands.
func allow(method access.Method) handler {
	return func(c *call) (any, error) {
		var settings json.RawMessage
		if err := c.body(&settings); err != nil {
			return nil, err
		}
		body := newPolicyBody()
		if len(settings) > 0 {
			if err := json.Unmarshal(settings, &body); err != nil {
				return nil, store.BadRequest("reading the settings: %v", err)
			}
		}
		policy, err := body.policy()
		if err != nil {
			return nil, err
		}
		if err := c.registry.Allow(c.path("id"), method, policy, settings); err != nil {
			return nil, err
		}
		return map[string]any{answerName(method): map[string]any{"id": c.path("id"), "identityId": c.path("id")}}, nil
	}
}

// answerName is under which name the settings of a login are answered.
func answerName(method access.Method) string {
	return map[access.Method]string{
		access.Kubernetes: "identityKubernetesAuth", access.OIDC: "identityOidcAuth", access.JWT: "identityJwtAuth",
		access.LDAP: "identityLdapAuth", access.Azure: "identityAzureAuth", access.GCP: "identityGcpAuth",
		access.AWS: "identityAwsAuth", access.Token: "identityTokenAuth",
	}[method]
}

// createToken gives out a token of token auth, which is used as it is.
func (c *call) createToken() (any, error) {
	if _, err := c.registry.Settings(c.path("id"), access.Token); err != nil {
		return nil, err
	}
	grant, err := c.registry.Login(c.path("id"), access.Token)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"accessToken": grant.AccessToken, "expiresIn": grant.ExpiresIn, "accessTokenMaxTTL": grant.MaxTTL, "tokenType": grant.TokenType,
		"tokenData": map[string]any{"id": grant.TokenID, "identityId": grant.IdentityID},
	}, nil
}
