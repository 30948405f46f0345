// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"context"
	"net/http"
	"testing"

	"github.com/hashicorp/vault/api"
	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/pkg/backend/remote"
	destination "github.com/secretsync/secretsync/pkg/bootstrap/destination/vault"
	"github.com/secretsync/secretsync/pkg/bootstrap/identity"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
	"github.com/secretsync/secretsync/test/githubactions"
	"github.com/secretsync/secretsync/test/marker"
)

const audience = "https://vault.example.test"

func run(issuer *githubactions.Issuer) identity.Options {
	return identity.Options{
		RequestURL: issuer.RequestURL(), RequestToken: sensitive.FromString(issuer.RequestToken()),
		Issuer: issuer.URL(), Transport: issuer.Transport(), Clock: clock.RealClock{},
	}
}

func TestTokenOfARun(t *testing.T) {
	issuer := githubactions.Start(t, githubactions.Job("prod"))
	raw, claims, err := identity.Token(t.Context(), run(issuer), audience)
	must(t, err)
	want := identity.Claims{
		Subject: "repo:corp/shop:environment:prod", Environment: "prod", Repository: "corp/shop", Ref: "refs/heads/main",
		EventName: "push", Actor: "octocat", RunID: "1", Workflow: "corp/shop/.github/workflows/bootstrap.yaml@refs/heads/main",
	}
	if claims != want || raw.Len() == 0 {
		t.Errorf("claims %+v and a token of %d bytes, want %+v", claims, raw.Len(), want)
	}
}

// TestTokensThatAreNotBelieved: each is refused, and nothing of a credential shows.
func TestTokensThatAreNotBelieved(t *testing.T) {
	with := func(name string, value any) map[string]any {
		claims := githubactions.Job("prod")
		claims[name] = value
		return claims
	}
	cases := map[string]struct {
		claims map[string]any
		change func(*githubactions.Issuer, *identity.Options)
		class  fault.Class
		reason string
	}{
		"OtherKey": {
			change: func(i *githubactions.Issuer, _ *identity.Options) { i.Forge(t) },
			class:  fault.Denied, reason: identity.ReasonUntrusted,
		},
		"OtherIssuer":   {claims: with("iss", "https://issuer.example.test"), class: fault.Denied, reason: identity.ReasonUntrusted},
		"OtherAudience": {claims: with("aud", "sts.example.test"), class: fault.Denied, reason: identity.ReasonUntrusted},
		"Expired":       {claims: with("exp", 1), class: fault.Denied, reason: identity.ReasonUntrusted},
		"OddClaims":     {claims: with("environment", 7), class: fault.Denied, reason: identity.ReasonUntrusted},
		"NoPermission": {
			change: func(_ *githubactions.Issuer, o *identity.Options) {
				o.RequestURL, o.RequestToken = "", sensitive.Value{}
			},
			class: fault.InvalidSpec, reason: identity.ReasonNoToken,
		},
		"InTheOpen": {
			change: func(_ *githubactions.Issuer, o *identity.Options) { o.RequestURL = "http://actions.example.test/token" },
			class:  fault.InvalidSpec, reason: identity.ReasonNoToken,
		},
		"KeysInTheOpen": {
			change: func(_ *githubactions.Issuer, o *identity.Options) { o.Issuer = "http://actions.example.test" },
			class:  fault.InvalidSpec, reason: identity.ReasonUntrusted,
		},
		"RefusedRun": {
			change: func(_ *githubactions.Issuer, o *identity.Options) { o.RequestToken = sensitive.FromString("over") },
			class:  fault.Denied, reason: identity.ReasonTokenRefused,
		},
		"UnknownCertificate": {
			change: func(_ *githubactions.Issuer, o *identity.Options) { o.Transport = &http.Transport{} },
			class:  fault.Unavailable, reason: identity.ReasonUnreachable,
		},
		"NoKeys": {
			change: func(i *githubactions.Issuer, o *identity.Options) { o.Issuer = i.URL() + "/elsewhere" },
			class:  fault.Unavailable, reason: identity.ReasonUnreachable,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			claims := tc.claims
			if claims == nil {
				claims = githubactions.Job("prod")
			}
			issuer := githubactions.Start(t, claims)
			o := run(issuer)
			if tc.change != nil {
				tc.change(issuer, &o)
			}
			_, got, err := identity.Token(t.Context(), o, audience)
			wantFault(t, err, tc.class, tc.reason)
			if got != (identity.Claims{}) {
				t.Errorf("claims %+v of a token that is not believed", got)
			}
			var secrets marker.Set
			secrets.Add("request token", issuer.RequestToken())
			if found := secrets.Find(err.Error()); len(found) > 0 {
				t.Errorf("%v", found)
			}
		})
	}
}

// TestVaultLoginByRun logs in at Vault's JWT auth method, which fetches the issuer's keys by
// itself, with no key that anybody stored.
func TestVaultLoginByRun(t *testing.T) {
	v := shared.Get(t).Vault()
	issuer := githubactions.Start(t, githubactions.Job("prod"))
	must(t, v.EnableKV(t.Context(), "github", 2))
	must(t, v.WritePolicy(t.Context(), "github", `path "github/*" { capabilities = ["create", "read", "update", "patch"] }`))
	root := v.Root()
	must(t, root.Sys().EnableAuthWithOptionsWithContext(t.Context(), "jwt-github", &api.EnableAuthOptions{Type: "jwt"}))
	for path, body := range map[string]map[string]any{
		"auth/jwt-github/config": {"oidc_discovery_url": issuer.URL(), "oidc_discovery_ca_pem": string(issuer.CA()), "bound_issuer": issuer.URL()},
		"auth/jwt-github/role/bootstrap-prod": {
			"role_type": "jwt", "user_claim": "sub", "bound_audiences": audience, "token_policies": "github",
			"bound_claims": map[string]string{"repository": "corp/shop", "environment": "prod"},
		},
	} {
		_, err := root.Logical().WriteWithContext(t.Context(), path, body)
		must(t, err)
	}
	client := newClient(t, v, destination.Login{JWT: &destination.JWT{
		Mount: "jwt-github", Role: "bootstrap-prod",
		Token: func(ctx context.Context) (sensitive.Value, error) {
			raw, _, err := identity.Token(ctx, run(issuer), audience)
			return raw, err
		},
	}})
	place := fieldOf(t, client, "github", "app", "key")
	put(t, place, "value", owner("key", ""))
	wantHeld(t, place, "value", owner("key", ""))

	issuer.Claim(githubactions.Job("test"))
	other := newClient(t, v, destination.Login{JWT: &destination.JWT{Mount: "jwt-github", Role: "bootstrap-prod", Token: func(ctx context.Context) (sensitive.Value, error) {
		raw, _, err := identity.Token(ctx, run(issuer), audience)
		return raw, err
	}}})
	_, err := fieldOf(t, other, "github", "app", "key").Observe(t.Context())
	wantFault(t, err, fault.Denied, remote.ReasonLoginDenied, "bootstrap-prod", "the OIDC token of this run", "claims")
}
