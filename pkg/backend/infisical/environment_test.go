// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"testing"

	"github.com/secretsync/secretsync/pkg/backend/backendtest"
)

// hostile are the variables that the SDK, or what it is made of, heeds.
func hostile(elsewhere string) map[string]string {
	return map[string]string{
		"INFISICAL_UNIVERSAL_AUTH_CLIENT_ID": "stolen", "INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET": "stolen",
		"INFISICAL_AUTH_ORGANIZATION_SLUG": "stolen", "INFISICAL_KUBERNETES_IDENTITY_ID": "stolen",
		"INFISICAL_KUBERNETES_SERVICE_ACCOUNT_TOKEN_PATH": "/nowhere", "INFISICAL_OIDC_AUTH_IDENTITY_ID": "stolen",
		"INFISICAL_LDAP_AUTH_IDENTITY_ID": "stolen", "INFISICAL_ACCESS_TOKEN": "stolen", "INFISICAL_TOKEN": "stolen",
		"INFISICAL_API_URL": elsewhere, "INFISICAL_SITE_URL": elsewhere,
		"AWS_REGION": "stolen", "AWS_ACCESS_KEY_ID": "stolen", "AWS_SECRET_ACCESS_KEY": "stolen",
	}
}

func TestEnvironmentHasNoEffect(t *testing.T) {
	backendtest.Hostile(t, hostile)
	TestLogins(t) // Each kind of login, with what was configured and nothing else.
}
