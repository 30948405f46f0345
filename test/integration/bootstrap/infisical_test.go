// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/utils/clock"

	backendinfisical "github.com/secretsync/secretsync/pkg/backend/infisical"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/bootstrap/destination"
	"github.com/secretsync/secretsync/pkg/bootstrap/destination/infisical"
	"github.com/secretsync/secretsync/pkg/bootstrap/identity"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
	"github.com/secretsync/secretsync/test/githubactions"
	simulator "github.com/secretsync/secretsync/test/infisical"
	"github.com/secretsync/secretsync/test/infisical/admin"
)

// project is a project of Infisical, in which an identity may do what rules say.
type project struct {
	admin.Project

	admin    *admin.Client
	sim      *simulator.Simulator
	identity admin.Identity
	token    string
}

func newProject(t *testing.T, o simulator.Options, rules ...admin.Rule) *project {
	t.Helper()
	o.TLS = true
	sim := simulator.ForTest(t, o)
	root := x509.NewCertPool()
	root.AppendCertsFromPEM(sim.CA())
	trusting := &http.Client{Timeout: time.Minute, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: root, MinVersion: tls.VersionTLS12}}}
	t.Cleanup(trusting.CloseIdleConnections)
	ctx := t.Context()
	p := &project{sim: sim}
	var err error
	p.admin, err = admin.Bootstrap(ctx, sim.Address(), trusting)
	must(t, err)
	p.admin.V3 = o.Behavior.NoV4
	p.Project, err = p.admin.CreateProject(ctx, "shop")
	must(t, err)
	p.identity, err = p.admin.CreateIdentity(ctx, "bootstrap")
	must(t, err)
	_, err = p.admin.CreateRole(ctx, p.ID, "bootstrap", rules...)
	must(t, err)
	must(t, p.admin.Join(ctx, p.ID, p.identity.ID, "bootstrap"))
	p.token, err = p.admin.GiveToken(ctx, p.identity.ID, admin.Tokens{})
	must(t, err)
	return p
}

// everything is what the helper needs in an environment.
func everything() []admin.Rule {
	return []admin.Rule{
		{Subject: "secrets", Action: []string{"describeSecret", "readValue", "create", "edit", "delete"}},
		{Subject: "secret-folders", Action: []string{"create"}},
	}
}

func (p *project) open(t *testing.T, o infisical.Options) *infisical.Client {
	t.Helper()
	o.Address, o.CA, o.ProjectID, o.Environment, o.Clock = p.sim.Address(), p.sim.CA(), p.ID, "dev", clock.RealClock{}
	if o.Credential == nil {
		o.Credential = func(context.Context) (sensitive.Value, error) { return sensitive.FromString(p.token), nil }
	}
	client, err := infisical.Open(o)
	must(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 30*time.Second)
		defer cancel()
		if err := client.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return client
}

func secretOf(t *testing.T, client *infisical.Client, path string) destination.Removable {
	t.Helper()
	place, err := client.Secret(path)
	must(t, err)
	return place
}

func TestInfisicalSecrets(t *testing.T) {
	for name, behavior := range map[string]simulator.Behavior{"New": simulator.NewServer(), "Old": simulator.OldServer()} {
		t.Run(name, func(t *testing.T) {
			p := newProject(t, simulator.Options{Behavior: behavior}, everything()...)
			client := p.open(t, infisical.Options{})
			a, b := secretOf(t, client, "/preview/pr-7/PASSWORD"), secretOf(t, client, "/preview/pr-8/PASSWORD")
			root := secretOf(t, client, "/TOKEN")
			wantAbsent(t, a)
			put(t, a, "1\n\"é<", owner("db", "pr-7"))
			put(t, b, "2", owner("db", "pr-8"))
			put(t, root, "3", owner("token", ""))
			wantHeld(t, a, "1\n\"é<", owner("db", "pr-7"))
			put(t, a, "second", owner("db", "pr-7"))
			wantHeld(t, a, "second", owner("db", "pr-7"))
			wantHeld(t, root, "3", owner("token", ""))
			_, err := p.admin.CreateSecret(t.Context(), p.At("dev", "/preview/pr-7"), "THEIRS", "x")
			must(t, err)

			lister, err := client.Written("/preview/{instance}/PASSWORD")
			must(t, err)
			var found []string
			for _, place := range places(t, lister, "shop") {
				found = append(found, strings.Replace(place, strings.TrimPrefix(p.sim.Address(), "https://"), "HOST", 1))
			}
			want := []string{
				"infisical /preview/pr-7/PASSWORD in environment dev at HOST of db/pr-7",
				"infisical /preview/pr-8/PASSWORD in environment dev at HOST of db/pr-8",
			}
			if diff := cmp.Diff(want, found); diff != "" {
				t.Errorf("found (-want +got):\n%s", diff)
			}
			must(t, a.Remove(t.Context(), observe(t, a)))
			wantAbsent(t, a)
			wantHeld(t, b, "2", owner("db", "pr-8"))
			wantHeld(t, secretOf(t, client, "/preview/pr-7/THEIRS"), "x", destination.Owner{})
			must(t, a.Remove(t.Context(), observe(t, a)))
		})
	}
}

func TestInfisicalRefusals(t *testing.T) {
	p := newProject(t, simulator.Options{}, everything()...)
	client := p.open(t, infisical.Options{})
	place := secretOf(t, client, "/KEY")
	before := observe(t, place)
	put(t, place, "first", owner("one", ""))
	err := place.Write(t.Context(), sensitive.FromString("second"), before, owner("one", ""))
	wantFault(t, err, fault.Conflict, destination.ReasonChanged)
	stranger := owner("one", "")
	stranger.Plan = "blog"
	err = place.Write(t.Context(), sensitive.FromString("second"), observe(t, place), stranger)
	wantFault(t, err, fault.NotOwned, destination.ReasonOtherOwner)
	err = place.Write(t.Context(), sensitive.FromString("a${OTHER}"), observe(t, place), owner("one", ""))
	wantFault(t, err, fault.InvalidContent, backendinfisical.ReasonReference, "base64")
	err = place.Write(t.Context(), sensitive.FromString("\xff"), observe(t, place), owner("one", ""))
	wantFault(t, err, fault.InvalidContent, "NotText")
	wantHeld(t, place, "first", owner("one", ""))
	for _, path := range []string{"KEY", "/", "/a//b", "/a/b:c", "/../b"} {
		if _, err := client.Secret(path); !fault.Is(err, fault.InvalidSpec) {
			t.Errorf("Secret(%q) = %v, want InvalidSpec", path, err)
		}
	}
	unknown := p.open(t, infisical.Options{Credential: func(context.Context) (sensitive.Value, error) { return sensitive.FromString("wrong"), nil }})
	_, err = secretOf(t, unknown, "/KEY").Observe(t.Context())
	wantFault(t, err, fault.Denied, remote.ReasonTokenInvalid, "the Infisical token")
}

// TestInfisicalHidesValues: a writer that may not read sees that something is there.
func TestInfisicalHidesValues(t *testing.T) {
	p := newProject(t, simulator.Options{}, admin.Rule{Subject: "secrets", Action: []string{"describeSecret", "create", "edit"}})
	client := p.open(t, infisical.Options{})
	place := secretOf(t, client, "/KEY")
	put(t, place, "first", owner("one", ""))
	state := observe(t, place)
	if !state.Exists || state.Readable || state.Owner != owner("one", "") {
		t.Errorf("exists %v, readable %v, owner %v", state.Exists, state.Readable, state.Owner)
	}
	err := place.Remove(t.Context(), state)
	wantFault(t, err, fault.Denied, remote.ReasonPermissionDenied, "delete")
	deep := secretOf(t, client, "/folder/KEY")
	wantFault(t, deep.Write(t.Context(), sensitive.FromString("x"), observe(t, deep), owner("one", "")), fault.Denied, remote.ReasonPermissionDenied, "secret-folders")
}

func TestInfisicalAwaitsApproval(t *testing.T) {
	p := newProject(t, simulator.Options{Behavior: simulator.Behavior{ApprovalRequired: true}}, everything()...)
	place := secretOf(t, p.open(t, infisical.Options{}), "/KEY")
	err := place.Write(t.Context(), sensitive.FromString("x"), observe(t, place), owner("one", ""))
	wantFault(t, err, fault.Rejected, backendinfisical.ReasonApproval)
	wantAbsent(t, place)
}

// TestInfisicalLoginByRun logs in as a machine identity that trusts GitHub's issuer.
func TestInfisicalLoginByRun(t *testing.T) {
	issuer := githubactions.Start(t, githubactions.Job("prod"))
	p := newProject(t, simulator.Options{}, everything()...)
	must(t, p.admin.AllowOIDC(t.Context(), p.identity.ID, admin.Signed{
		DiscoveryURL: issuer.URL(), CACert: string(issuer.CA()), Issuer: issuer.URL(), Audiences: audience, Subject: "repo:corp/shop:environment:prod",
	}, admin.Tokens{}))
	byRun := func() *infisical.Client {
		return p.open(t, infisical.Options{IdentityID: p.identity.ID, Credential: func(ctx context.Context) (sensitive.Value, error) {
			raw, _, err := identity.Token(ctx, run(issuer), audience)
			return raw, err
		}})
	}
	place := secretOf(t, byRun(), "/KEY")
	put(t, place, "value", owner("one", ""))
	wantHeld(t, place, "value", owner("one", ""))
	issuer.Claim(githubactions.Job("test"))
	_, err := secretOf(t, byRun(), "/KEY").Observe(t.Context())
	wantFault(t, err, fault.Denied, remote.ReasonLoginDenied, "the OIDC token of this run")
}
