// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
)

// hostile sets every variable that the SDK, what it is made of or Go's HTTP client heeds.
func hostile(t *testing.T, elsewhere string) {
	t.Helper()
	for name, value := range map[string]string{
		"INFISICAL_UNIVERSAL_AUTH_CLIENT_ID": "stolen", "INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET": "stolen",
		"INFISICAL_AUTH_ORGANIZATION_SLUG": "stolen", "INFISICAL_KUBERNETES_IDENTITY_ID": "stolen",
		"INFISICAL_KUBERNETES_SERVICE_ACCOUNT_TOKEN_PATH": "/nowhere", "INFISICAL_OIDC_AUTH_IDENTITY_ID": "stolen",
		"INFISICAL_LDAP_AUTH_IDENTITY_ID": "stolen", "INFISICAL_ACCESS_TOKEN": "stolen", "INFISICAL_TOKEN": "stolen",
		"INFISICAL_API_URL": elsewhere, "INFISICAL_SITE_URL": elsewhere,
		"AWS_REGION": "stolen", "AWS_ACCESS_KEY_ID": "stolen", "AWS_SECRET_ACCESS_KEY": "stolen",
		"HTTP_PROXY": elsewhere, "HTTPS_PROXY": elsewhere, "ALL_PROXY": elsewhere, "NO_PROXY": "",
		"http_proxy": elsewhere, "https_proxy": elsewhere, "all_proxy": elsewhere, "no_proxy": "",
	} {
		t.Setenv(name, value)
	}
}

func TestEnvironmentHasNoEffect(t *testing.T) {
	var asked atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(elsewhere.Close)
	hostile(t, elsewhere.URL)
	TestLogins(t) // Each kind of login, with what was configured and nothing else.
	if asked.Load() != 0 {
		t.Errorf("want nothing sent where the environment points, got %d requests", asked.Load())
	}
}
