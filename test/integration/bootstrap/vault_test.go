// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/vault/api"
	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	backendvault "github.com/secretsync/secretsync/pkg/backend/vault"
	"github.com/secretsync/secretsync/pkg/bootstrap/destination"
	"github.com/secretsync/secretsync/pkg/bootstrap/destination/login"
	"github.com/secretsync/secretsync/pkg/bootstrap/destination/vault"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
	"github.com/secretsync/secretsync/test/cluster"
)

func tokenLogin(token string) vault.Login { return vault.Login{Token: sensitive.FromString(token)} }

// newClient returns the Vault as the bootstrap helper sees it, closed with the test.
func newClient(t *testing.T, v *cluster.Vault, login vault.Login) *vault.Client {
	t.Helper()
	client, err := vault.Open(vault.Options{Address: v.Address(), CA: v.CA(), Login: login, Clock: clock.RealClock{}})
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

// engine is a KV mount of the test's own.
type engine struct {
	server *cluster.Vault
	client *vault.Client
	mount  string
}

func newEngine(t *testing.T, version int) *engine {
	t.Helper()
	v := shared.Get(t).Vault()
	e := &engine{server: v, client: newClient(t, v, tokenLogin(v.Root().Token())), mount: strings.ToLower(strings.ReplaceAll(t.Name(), "/", "-"))}
	must(t, v.EnableKV(t.Context(), e.mount, version))
	return e
}

func (e *engine) place(t *testing.T, path, field string) destination.Removable {
	t.Helper()
	return fieldOf(t, e.client, e.mount, path, field)
}

func fieldOf(t *testing.T, client *vault.Client, mount, path, field string) destination.Removable {
	t.Helper()
	place, err := client.Field(vault.Place{Mount: mount, Path: path, Field: field})
	must(t, err)
	return place
}

// fields is what a reader sees of an entry of a version 2 engine.
func (e *engine) fields(t *testing.T, path string) map[string]any {
	t.Helper()
	got, err := e.server.Root().KVv2(e.mount).Get(t.Context(), path)
	must(t, err)
	return got.Data
}

func (e *engine) put(t *testing.T, path string, data map[string]any) {
	t.Helper()
	_, err := e.server.Root().KVv2(e.mount).Put(t.Context(), path, data)
	must(t, err)
}

func TestFieldsOfOneEntryAreApart(t *testing.T) {
	e := newEngine(t, 2)
	e.put(t, "app/db", map[string]any{"theirs": json.Number("123456789012345"), "list": []string{"a"}})
	must(t, e.server.Root().KVv2(e.mount).PutMetadata(t.Context(), "app/db", api.KVMetadataPutInput{CustomMetadata: map[string]any{"team": "red"}}))

	a, b := e.place(t, "app/db", "a"), e.place(t, "app/db", "b")
	before := observe(t, b)
	put(t, a, "1\n\"é<", owner("one", "pr-7"))
	must(t, b.Write(t.Context(), sensitive.FromString("2"), before, owner("two", "pr-7")))
	wantHeld(t, a, "1\n\"é<", owner("one", "pr-7"))
	wantHeld(t, b, "2", owner("two", "pr-7"))
	wantHeld(t, e.place(t, "app/db", "theirs"), "123456789012345", destination.Owner{})
	wantHeld(t, e.place(t, "app/db", "list"), `["a"]`, destination.Owner{})

	must(t, a.Remove(t.Context(), observe(t, a)))
	wantAbsent(t, a)
	must(t, b.Remove(t.Context(), observe(t, b)))
	want := map[string]any{"theirs": json.Number("123456789012345"), "list": []any{"a"}}
	if diff := cmp.Diff(want, e.fields(t, "app/db")); diff != "" {
		t.Errorf("what is left (-want +got):\n%s", diff)
	}
	meta, err := e.server.Root().KVv2(e.mount).GetMetadata(t.Context(), "app/db")
	must(t, err)
	if diff := cmp.Diff(map[string]any{"team": "red"}, meta.CustomMetadata); diff != "" {
		t.Errorf("custom metadata (-want +got):\n%s", diff)
	}
}

// TestTwoRunsAtOneEntry: of two that find nothing, one writes, and what it wrote stays recorded as
// its own, so that destroy finds it.
func TestTwoRunsAtOneEntry(t *testing.T) {
	e := newEngine(t, 2)
	behind, err := url.Parse(e.server.Address())
	must(t, err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(e.server.CA())
	first := e.place(t, "preview/db", "password")
	absent := observe(t, first)
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(behind) },
		Transport: &before{
			next: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}, method: http.MethodPost, path: "/data/",
			once: sync.OnceFunc(func() {
				if err := first.Write(t.Context(), sensitive.FromString("first"), absent, owner("db", "pr-7")); err != nil {
					t.Error(err)
				}
			}),
		},
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	client, err := vault.Open(vault.Options{Address: server.URL, Login: tokenLogin(e.server.Root().Token()), Clock: clock.RealClock{}})
	must(t, err)
	second := fieldOf(t, client, e.mount, "preview/db", "password")
	later := owner("db", "pr-7")
	later.Time = later.Time.Add(time.Second)
	err = second.Write(t.Context(), sensitive.FromString("second"), observe(t, second), later)
	wantFault(t, err, fault.Conflict, destination.ReasonChanged, "preview/db")
	state := observe(t, second)
	if string(state.Value.Reveal()) != "first" || !state.Owner.Same(later) {
		t.Errorf("it is recorded as %+v", state.Owner)
	}
	must(t, client.Close(t.Context()))
}

func TestNewEntryGoesWithItsLastField(t *testing.T) {
	e := newEngine(t, 2)
	place := e.place(t, "new/entry", "field")
	wantAbsent(t, place)
	put(t, place, "", owner("empty", ""))
	wantHeld(t, place, "", owner("empty", ""))
	put(t, place, "second", owner("empty", ""))
	must(t, place.Remove(t.Context(), observe(t, place)))
	list, err := e.server.Root().Logical().ListWithContext(t.Context(), e.mount+"/metadata/")
	must(t, err)
	if list != nil {
		t.Errorf("left: %v", list.Data)
	}
	must(t, place.Remove(t.Context(), observe(t, place)))

	put(t, place, "third", owner("empty", ""))
	must(t, e.server.Root().KVv2(e.mount).Delete(t.Context(), "new/entry"))
	wantAbsent(t, place)
	put(t, place, "fourth", owner("empty", ""))
	wantHeld(t, place, "fourth", owner("empty", ""))
}

func TestVersion1HoldsValuesWithoutOwner(t *testing.T) {
	e := newEngine(t, 1)
	must(t, e.server.Root().KVv1(e.mount).Put(t.Context(), "app", map[string]any{"theirs": "x"}))
	place := e.place(t, "app", "ours")
	put(t, place, "1", owner("one", ""))
	wantHeld(t, place, "1", destination.Owner{})
	wantHeld(t, e.place(t, "app", "theirs"), "x", destination.Owner{})
	err := place.Write(t.Context(), sensitive.FromString("2"), observe(t, place), owner("one", "pr-7"))
	wantFault(t, err, fault.InvalidSpec, backend.ReasonNotesUnsupported, "version 2", "pr-7")
	lister, err := e.client.Written(vault.Place{Mount: e.mount, Path: "{instance}"})
	must(t, err)
	if got := places(t, lister, "shop"); len(got) > 0 {
		t.Errorf("found %q, though nobody is recorded", got)
	}
	must(t, place.Remove(t.Context(), observe(t, place)))
	wantAbsent(t, place)
	alone := e.place(t, "alone", "ours")
	put(t, alone, "1", owner("one", ""))
	must(t, alone.Remove(t.Context(), observe(t, alone)))
	if _, err := e.server.Root().KVv1(e.mount).Get(t.Context(), "alone"); err == nil {
		t.Error("the empty entry is left")
	}
}

func TestVaultRefusals(t *testing.T) {
	e := newEngine(t, 2)
	write := func(place destination.Destination, value string, by destination.Owner) error {
		return place.Write(t.Context(), sensitive.FromString(value), observe(t, place), by)
	}
	t.Run("OtherPlan", func(t *testing.T) {
		place := e.place(t, "planned", "f")
		put(t, place, "first", owner("one", ""))
		stranger := owner("one", "")
		stranger.Environment = "prod"
		wantFault(t, write(place, "second", stranger), fault.NotOwned, destination.ReasonOtherOwner, `"test"`, `"prod"`)
		wantHeld(t, place, "first", owner("one", ""))
	})
	t.Run("ChangedMeanwhile", func(t *testing.T) {
		place := e.place(t, "raced", "f")
		before := observe(t, place)
		put(t, place, "first", owner("one", ""))
		err := place.Write(t.Context(), sensitive.FromString("second"), before, owner("one", ""))
		wantFault(t, err, fault.Conflict, destination.ReasonChanged, "raced", "field f")
		wantHeld(t, place, "first", owner("one", ""))
	})
	t.Run("NotText", func(t *testing.T) {
		wantFault(t, write(e.place(t, "binary", "f"), "\xff\x00", owner("one", "")), fault.InvalidContent, "NotText", "base64")
	})
	t.Run("LongOwner", func(t *testing.T) {
		wantFault(t, write(e.place(t, "long", "f"), "x", owner(strings.Repeat("n", 500), "")), fault.InvalidSpec, "OwnerTooLong")
	})
	t.Run("NoMount", func(t *testing.T) {
		_, err := fieldOf(t, e.client, "nowhere", "a", "f").Observe(t.Context())
		wantFault(t, err, fault.NotFound, backend.ReasonMountNotFound, `"nowhere"`)
	})
	for name, place := range map[string]vault.Place{
		"BadPath":   {Mount: "secret", Path: "a//b", Field: "f"},
		"BadMount":  {Mount: "../sys", Path: "a", Field: "f"},
		"NoField":   {Mount: "secret", Path: "a"},
		"LongField": {Mount: "secret", Path: "a", Field: strings.Repeat("f", 120)},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := e.client.Field(place); !fault.Is(err, fault.InvalidSpec) {
				t.Errorf("Field = %v, want InvalidSpec", err)
			}
		})
	}
}

// TestPolicyLinesOfMessagesSuffice adds what each refusal asks for, until nothing is refused.
func TestPolicyLinesOfMessagesSuffice(t *testing.T) {
	e := newEngine(t, 2)
	rules := map[string]string{}
	grant := func(err error) bool {
		t.Helper()
		if !fault.Is(err, fault.Denied) {
			must(t, err)
			return false
		}
		_, line, found := strings.Cut(err.Error(), "the policy line ")
		path, _, _ := strings.Cut(strings.TrimPrefix(line, `path "`), `"`)
		line, _, _ = strings.Cut(line, " would allow")
		if !found || rules[path] == line {
			t.Fatalf("%v: want another policy line", err)
		}
		rules[path] = line
		var all []string
		for _, rule := range rules {
			all = append(all, rule)
		}
		must(t, e.server.WritePolicy(t.Context(), e.mount, strings.Join(all, "\n")))
		return true
	}
	token, err := e.server.Root().Auth().Token().CreateWithContext(t.Context(), &api.TokenCreateRequest{Policies: []string{e.mount}})
	must(t, err)
	must(t, e.server.WritePolicy(t.Context(), e.mount, `path "`+e.mount+`/data/other" { capabilities = ["read"] }`))
	client := newClient(t, e.server, tokenLogin(token.Auth.ClientToken))
	place := fieldOf(t, client, e.mount, "preview/pr-7/db", "password")
	lister, err := client.Written(vault.Place{Mount: e.mount, Path: "preview/{instance}/db"})
	must(t, err)
	steps := map[string]func() error{
		"1Write": func() error {
			state, err := place.Observe(t.Context())
			if err != nil {
				return err
			}
			return place.Write(t.Context(), sensitive.FromString("x"), state, owner("db", "pr-7"))
		},
		"2List": func() error { _, err := lister.List(t.Context(), "shop"); return err },
		"3Remove": func() error {
			state, err := place.Observe(t.Context())
			if err != nil {
				return err
			}
			return place.Remove(t.Context(), state)
		},
	}
	for _, step := range []string{"1Write", "2List"} {
		for grant(steps[step]()) {
			t.Logf("%s: granted %d lines", step, len(rules))
		}
	}
	wantHeld(t, place, "x", owner("db", "pr-7"))
	err = steps["3Remove"]()
	wantFault(t, err, fault.Denied, remote.ReasonPermissionDenied, `/metadata/preview/pr-7/db" { capabilities = ["delete"] }`)
}

func TestInstancesAreFound(t *testing.T) {
	e := newEngine(t, 2)
	for path, by := range map[string]destination.Owner{
		"preview/pr-7/db": owner("db", "pr-7"), "preview/pr-8/db": owner("db", "pr-8"),
		"preview/pr-7/other": owner("x", "pr-7"), "preview/pr-7/db/deeper": owner("x", "pr-7"), "live/pr-7/db": owner("x", "pr-7"),
	} {
		put(t, e.place(t, path, "password"), "x", by)
	}
	e.put(t, "preview/pr-9/db", map[string]any{"password": "by hand"})
	stranger := owner("db", "pr-7")
	stranger.Plan = "blog"
	put(t, e.place(t, "preview/pr-7/db", "blog"), "x", stranger)

	find := func(path string) []string {
		t.Helper()
		lister, err := e.client.Written(vault.Place{Mount: e.mount, Path: path})
		must(t, err)
		var short []string
		for _, name := range places(t, lister, "shop") {
			short = append(short, strings.TrimPrefix(strings.Replace(name, " at "+strings.TrimPrefix(e.server.Address(), "https://"), "", 1), "vault "+e.mount+"/"))
		}
		return short
	}
	for path, want := range map[string][]string{
		"preview/{instance}/db":    {"preview/pr-7/db field password of db/pr-7", "preview/pr-8/db field password of db/pr-8"},
		"preview/pr-{instance}/db": {"preview/pr-7/db field password of db/pr-7", "preview/pr-8/db field password of db/pr-8"},
		"preview/pr-8/{instance}":  {"preview/pr-8/db field password of db/pr-8"},
		"preview/pr-7/db":          {"preview/pr-7/db field password of db/pr-7"},
		"preview/pr-9/db":          nil,
		"nothing/{instance}":       nil,
	} {
		if diff := cmp.Diff(want, find(path)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

func TestAppRoleSecretIDs(t *testing.T) {
	v := shared.Get(t).Vault()
	must(t, v.EnableAppRole(t.Context(), "rotated"))
	roleID, err := v.WriteAppRole(t.Context(), "rotated", cluster.AppRole{Name: "operator", Policies: []string{"default"}})
	must(t, err)
	client := newClient(t, v, tokenLogin(v.Root().Token()))
	role := client.AppRole("rotated", "operator")
	login := func(id sensitive.Value) error {
		_, err := v.Root().Logical().WriteWithContext(t.Context(), "auth/rotated/login", map[string]any{"role_id": roleID, "secret_id": string(id.Reveal())})
		return err
	}
	first, err := role.Issue(t.Context())
	must(t, err)
	second, err := role.Issue(t.Context())
	must(t, err)
	must(t, login(first))
	must(t, role.Revoke(t.Context(), first))
	if login(first) == nil {
		t.Error("a revoked secret ID logs in")
	}
	must(t, login(second))
	must(t, role.Revoke(t.Context(), first))
	must(t, role.Revoke(t.Context(), sensitive.FromString("never issued")))
	_, err = client.AppRole("rotated", "nobody").Issue(t.Context())
	wantFault(t, err, fault.NotFound, "NoRole", "auth/rotated/role/nobody")
}

// TestNewVault goes through what people do with a new Vault.
func TestNewVault(t *testing.T) {
	v := cluster.VaultForTest(t, cluster.VaultOptions{Uninitialized: true})
	observeNow := func(token string) error {
		_, err := fieldOf(t, newClient(t, v, tokenLogin(token)), "secret", "app", "f").Observe(t.Context())
		return err
	}
	steps := func(token string, want ...string) {
		t.Helper()
		got, err := newClient(t, v, tokenLogin(token)).NextSteps(t.Context())
		must(t, err)
		if len(got) != min(len(want), 1) {
			t.Fatalf("next steps %q, want one of %q", got, want)
		}
		for _, part := range want {
			if !strings.Contains(got[0], part) {
				t.Errorf("next step %q does not say %q", got[0], part)
			}
		}
	}
	steps("none", "is not initialized", "vault operator init", "unseal")
	wantFault(t, observeNow("none"), fault.Unavailable, backendvault.ReasonNotInitialized, "vault operator init")
	must(t, v.Initialize(t.Context()))
	steps("none", "is sealed", "vault operator unseal")
	wantFault(t, observeNow("none"), fault.Unavailable, backendvault.ReasonSealed, "vault operator unseal")
	must(t, v.Unseal(t.Context()))
	steps(v.Root().Token(), "root token", "vault token revoke -self")
	must(t, v.Root().Sys().MountWithContext(t.Context(), "secret", &api.MountInput{Type: "kv", Options: map[string]string{"version": "2"}}))
	must(t, observeNow(v.Root().Token()))
	token, err := v.Root().Auth().Token().CreateWithContext(t.Context(), &api.TokenCreateRequest{Policies: []string{"default"}})
	must(t, err)
	steps(token.Auth.ClientToken)
	wantFault(t, observeNow("wrong"), fault.Denied, remote.ReasonTokenInvalid, "the Vault token")
	wantFault(t, observeNow(""), fault.InvalidSpec, login.ReasonUnusable, "give a token")
	v.Server().Kill()
	_, err = newClient(t, v, tokenLogin("none")).NextSteps(t.Context())
	wantFault(t, err, fault.Unavailable, remote.ReasonConnectionRefused)
}
