// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	backendvault "github.com/secretsync/secretsync/pkg/backend/vault"
	"github.com/secretsync/secretsync/pkg/bootstrap/destination"
	"github.com/secretsync/secretsync/pkg/bootstrap/destination/login"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// tokenTTL is how long, in seconds, a token of the operator lasts; it renews them.
const tokenTTL = 3600

// Access is what the operator needs in order to log in with a ServiceAccount and to read.
type Access struct {
	// Mount is where the Kubernetes auth method lives, Role the role of it, Policy the policy.
	Mount, Role, Policy string
	// Namespace and ServiceAccount may log in, with tokens for the Audience.
	Namespace, ServiceAccount, Audience string
	// Paths are MOUNT/PATH of what may be read, * standing for one segment and ** at the end
	// for the rest.
	Paths []string
}

// role returns the role as text: what Write of its place sends.
func (a Access) role() sensitive.Value {
	return roleText(map[string]any{
		"audience":                         a.Audience,
		"bound_service_account_names":      []string{a.ServiceAccount},
		"bound_service_account_namespaces": []string{a.Namespace},
		"token_policies":                   []string{a.Policy},
		"token_ttl":                        tokenTTL,
	})
}

// roleText returns members of a role in the one form that can be compared.
func roleText(members map[string]any) sensitive.Value {
	text, err := json.Marshal(members)
	if err != nil { // Texts, numbers and lists of texts always encode.
		return sensitive.Value{}
	}
	return sensitive.New(text)
}

// Part is one of the objects of an Access with what it should hold, which is no secret.
type Part struct {
	// Name is "policy" or "role".
	Name string
	// Place is where it goes.
	Place destination.Destination
	// Want is what it should hold.
	Want sensitive.Value
	// Command is what a person would run to write it.
	Command string
}

// Access returns the policy and the role that an operator needs. It asks Vault for the KV
// version of the mounts, as the paths of a policy depend on it. Errors: Unavailable, Denied,
// NotFound (a mount is not there), InvalidSpec.
func (c *Client) Access(ctx context.Context, a Access) ([]Part, error) {
	rules, err := c.rules(ctx, a.Paths)
	if err != nil {
		return nil, err
	}
	policy := &object{client: c, path: "sys/policies/acl/" + a.Policy, read: policyOf, body: func(value sensitive.Value) (map[string]any, error) {
		return map[string]any{"policy": string(value.Reveal())}, nil
	}}
	role := &object{client: c, path: "auth/" + a.Mount + "/role/" + a.Role, read: roleOf, body: func(value sensitive.Value) (map[string]any, error) {
		var body map[string]any
		err := json.Unmarshal(value.Reveal(), &body)
		return body, err
	}}
	return []Part{
		{
			Name: "policy", Place: policy, Want: sensitive.FromString(rules),
			Command: fmt.Sprintf("vault policy write %s - <<'EOF'\n%sEOF", a.Policy, rules),
		},
		{
			Name: "role", Place: role, Want: a.role(),
			Command: fmt.Sprintf("vault write %s bound_service_account_names=%s bound_service_account_namespaces=%s audience=%s token_policies=%s token_ttl=%d",
				role.path, a.ServiceAccount, a.Namespace, a.Audience, a.Policy, tokenTTL),
		},
	}, nil
}

// rules returns the policy that allows to read paths, and no more.
func (c *Client) rules(ctx context.Context, paths []string) (string, error) {
	var rules strings.Builder
	versions := map[string]string{}
	for _, path := range paths {
		mount, rest, _ := strings.Cut(path, "/")
		version, known := versions[mount]
		if !known {
			said, err := c.admin.Get(ctx, "sys/internal/ui/mounts/"+mount)
			if err != nil {
				return "", login.At("looking at mount "+mount, c.fault(ctx, err))
			}
			var options struct {
				Version string `json:"version"`
			}
			_ = json.Unmarshal(said["options"].Reveal(), &options) // Version 1 has no options.
			version = options.Version
			versions[mount] = version
		}
		if version == "2" {
			mount += "/data"
		}
		fmt.Fprintf(&rules, "path %q { capabilities = [\"read\"] }\n", mount+"/"+glob(rest))
	}
	return rules.String(), nil
}

// glob writes a path as Vault's policies do: + is one segment, * at the end is the rest.
func glob(path string) string {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		switch {
		case segment == "**" && i == len(segments)-1:
			segments[i] = "*"
		case segment == "*", segment == "**":
			segments[i] = "+"
		}
	}
	return strings.Join(segments, "/")
}

// object is a policy or role as a place.
type object struct {
	client *Client
	path   string
	// read returns what an object holds; body what is sent to make it hold a value.
	read func(backendvault.Object) sensitive.Value
	body func(sensitive.Value) (map[string]any, error)
}

var _ destination.Destination = &object{}

// Describe names the object.
func (o *object) Describe() string { return "vault " + o.path + " at " + o.client.address }

// Observe reads the object.
func (o *object) Observe(ctx context.Context) (destination.State, error) {
	said, err := o.client.admin.Get(ctx, o.path)
	if err != nil {
		return destination.State{}, o.fault(ctx, err)
	}
	state := destination.State{Readable: true, Exists: said != nil}
	if state.Exists {
		state.Value = o.read(said)
	}
	return state, nil
}

// Write makes the object hold the value. Vault has no check-and-set for it, and keeps nobody's
// name.
func (o *object) Write(ctx context.Context, value sensitive.Value, observed destination.State, _ destination.Owner) error {
	now, err := o.Observe(ctx)
	if err != nil {
		return err
	}
	if err := destination.CheckUnchanged(o.Describe(), observed, now); err != nil {
		return err
	}
	body, err := o.body(value)
	if err != nil {
		return fault.New(fault.InvalidSpec, "InvalidRole", "%s: the role cannot be written", o.Describe())
	}
	if _, err := o.client.admin.Post(ctx, o.path, body); err != nil {
		return o.fault(ctx, err)
	}
	return nil
}

func (o *object) fault(ctx context.Context, err error) error {
	if mount, isRole := strings.CutPrefix(o.path, "auth/"); isRole && fault.Is(err, fault.NotFound) {
		mount, _, _ = strings.Cut(mount, "/role/")
		return fault.New(fault.NotFound, "NoAuthMethod",
			"%s: no auth method is mounted at %q: enable it (vault auth enable -path=%s kubernetes) and say how Vault reaches the API server (vault write auth/%s/config kubernetes_host=...)",
			o.Describe(), mount, mount, mount)
	}
	return login.At(o.Describe(), o.client.fault(ctx, err))
}

func policyOf(said backendvault.Object) sensitive.Value {
	return sensitive.FromString(said.Text("policy"))
}

// roleOf returns those members of a role that an Access is about.
func roleOf(said backendvault.Object) sensitive.Value {
	members := map[string]any{"audience": said.Text("audience")}
	for _, name := range []string{"bound_service_account_names", "bound_service_account_namespaces", "token_policies"} {
		list := []string{}
		_ = json.Unmarshal(said[name].Reveal(), &list) // Anything else differs from what is wanted.
		slices.Sort(list)
		members[name] = list
	}
	var ttl int
	_ = json.Unmarshal(said["token_ttl"].Reveal(), &ttl)
	members["token_ttl"] = ttl
	return roleText(members)
}
