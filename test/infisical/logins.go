// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"encoding/json"
	"time"

	"github.com/secretsync/secretsync/test/infisical/access"
	"github.com/secretsync/secretsync/test/infisical/store"
)

func loginRoutes() []route {
	routes := []route{
		{"POST /api/v1/auth/universal-auth/login", writeClass, anybody, (*call).loginUniversal},
		{"POST /api/v1/auth/token/renew", writeClass, anybody, (*call).renew},
		{"POST /api/v1/auth/token/revoke", writeClass, anybody, (*call).revoke},
		{"POST /api/v3/auth/login", writeClass, anybody, (*call).loginUser},
		{"POST /api/v3/auth/select-organization", writeClass, people, (*call).selectOrganization},
	}
	for _, method := range []access.Method{access.Kubernetes, access.OIDC, access.JWT, access.LDAP, access.Azure, access.GCP, access.AWS} {
		routes = append(routes, route{"POST /api/v1/auth/" + string(method) + "/login", writeClass, anybody, login(method)})
	}
	return routes
}

func (c *call) loginUniversal() (any, error) {
	var body struct{ ClientID, ClientSecret string }
	if err := c.body(&body); err != nil {
		return nil, err
	}
	if err := need("clientId", body.ClientID, "clientSecret", body.ClientSecret); err != nil {
		return nil, err
	}
	return answer(c.registry.LoginUniversal(body.ClientID, body.ClientSecret))
}

// credentials is the body of the other logins; each uses its part.
type credentials struct {
	IdentityID string `json:"identityId"`
	JWT        string `json:"jwt"`
	Username   string `json:"username"`
	Password   string `json:"password"`
	IAMMethod  string `json:"iamHttpRequestMethod"`
	IAMBody    string `json:"iamRequestBody"`
	IAMHeaders string `json:"iamRequestHeaders"`
}

// login verifies the credentials as the identity's settings say, and gives a token.
func login(method access.Method) handler {
	return func(c *call) (any, error) {
		var body credentials
		if err := c.body(&body); err != nil {
			return nil, err
		}
		if err := need(append([]string{"identityId", body.IdentityID}, body.parts(method)...)...); err != nil {
			return nil, err
		}
		settings, err := c.registry.Settings(body.IdentityID, method)
		if err != nil {
			return nil, err
		}
		text, _ := settings.(json.RawMessage)
		if err := c.verifyLogin(method, text, body); err != nil {
			return nil, err
		}
		return answer(c.registry.Login(body.IdentityID, method))
	}
}

func (b credentials) parts(method access.Method) []string {
	switch method {
	case access.LDAP:
		return []string{"username", b.Username, "password", b.Password}
	case access.AWS:
		return []string{"iamHttpRequestMethod", b.IAMMethod, "iamRequestBody", b.IAMBody, "iamRequestHeaders", b.IAMHeaders}
	default:
		return []string{"jwt", b.JWT}
	}
}

func (c *call) renew() (any, error) {
	text, err := c.givenToken()
	if err != nil {
		return nil, err
	}
	return answer(c.registry.Renew(text))
}

func (c *call) revoke() (any, error) {
	text, err := c.givenToken()
	if err != nil {
		return nil, err
	}
	if err := c.registry.Revoke(text); err != nil {
		return nil, err
	}
	return map[string]any{"message": "Successfully revoked access token"}, nil
}

func (c *call) givenToken() (string, error) {
	var body struct{ AccessToken string }
	if err := c.body(&body); err != nil {
		return "", err
	}
	return body.AccessToken, need("accessToken", body.AccessToken)
}

func (c *call) loginUser() (any, error) {
	var body struct{ Email, Password string }
	if err := c.body(&body); err != nil {
		return nil, err
	}
	text, err := c.registry.LoginUser(body.Email, body.Password)
	if err != nil {
		return nil, err
	}
	return map[string]any{"accessToken": text}, nil
}

// selectOrganization gives the same token again: there is one organization.
func (c *call) selectOrganization() (any, error) {
	const bearer = len("Bearer ")
	return map[string]any{"token": c.request.Header.Get("Authorization")[bearer:], "isMfaEnabled": false}, nil
}

func answer(grant access.Grant, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return grant, nil
}

// unverified is a refusal of credentials.
func unverified(message string) *store.Error { return access.Unauthorized("Access denied: " + message) }

func seconds(n int64) time.Duration { return time.Duration(n) * time.Second }
