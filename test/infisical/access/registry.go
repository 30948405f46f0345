// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/test/infisical/store"
)

// Rules are the points in which servers differ, or in which nobody is certain of the server. The
// zero value is the newest server that was read.
type Rules struct {
	// TokensAreRows keeps a row for each token, as servers did until April 2026: a renewal that would
	// pass the longest life deletes the row, and the token is dead at once.
	TokensAreRows bool
	// ExpiredIs401 answers 401 UnauthorizedError to an expired token; otherwise 403 TokenError.
	ExpiredIs401 bool
}

// Method is a way to log in, by its name in the paths of the API.
type Method string

// The ways to log in.
const (
	Universal  Method = "universal-auth"
	Kubernetes Method = "kubernetes-auth"
	OIDC       Method = "oidc-auth"
	JWT        Method = "jwt-auth"
	LDAP       Method = "ldap-auth"
	Azure      Method = "azure-auth"
	GCP        Method = "gcp-auth"
	AWS        Method = "aws-auth"
	Token      Method = "token-auth"
)

// Identity is a machine identity.
type Identity struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	OrgID string `json:"orgId"`
	// Role is what it may do in the organization: admin, or nothing of what is simulated.
	Role string `json:"role"`
}

// Policy is what the tokens of a login are like; times in seconds.
type Policy struct {
	TTL        int64    `json:"accessTokenTTL"`
	MaxTTL     int64    `json:"accessTokenMaxTTL"`
	Period     int64    `json:"accessTokenPeriod"`
	UsesLimit  int64    `json:"accessTokenNumUsesLimit"`
	TrustedIPs []string `json:"-"`
}

// Registry knows all identities and tokens. It is safe for concurrent use.
type Registry struct {
	clock clock.PassiveClock
	rules Rules
	key   []byte

	mu         sync.Mutex
	identities map[string]*identity
	tokens     map[string]*token
	users      map[string]User
}

// User is a person, who may do what identities may not.
type User struct{ ID, Email, Password, OrgID string }

type identity struct {
	Identity

	policies map[Method]Policy
	settings map[Method]any
	// roles is by project.
	roles     map[string][]string
	universal *universal
}

// NewRegistry returns a registry that knows nobody.
func NewRegistry(c clock.PassiveClock, rules Rules) *Registry {
	return &Registry{
		clock: c, rules: rules, key: []byte(random(32)),
		identities: map[string]*identity{}, tokens: map[string]*token{}, users: map[string]User{},
	}
}

// Create makes an identity.
func (r *Registry) Create(name, orgID, role string) Identity {
	r.mu.Lock()
	defer r.mu.Unlock()
	made := Identity{ID: newID(), Name: name, OrgID: orgID, Role: role}
	r.identities[made.ID] = &identity{
		Identity: made, policies: map[Method]Policy{}, settings: map[Method]any{}, roles: map[string][]string{},
	}
	return made
}

// Identity returns the identity of that id.
func (r *Registry) Identity(id string) (Identity, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found, err := r.identity(id)
	if err != nil {
		return Identity{}, err
	}
	return found.Identity, nil
}

// Delete forgets an identity; its tokens die with it.
func (r *Registry) Delete(id string) (Identity, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found, err := r.identity(id)
	if err != nil {
		return Identity{}, err
	}
	delete(r.identities, id)
	return found.Identity, nil
}

// Allow lets an identity log in by a method, with settings that are its caller's to understand.
func (r *Registry) Allow(id string, method Method, policy Policy, settings any) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	found, err := r.identity(id)
	if err != nil {
		return err
	}
	found.policies[method] = policy
	found.settings[method] = settings
	return nil
}

// Settings returns what Allow was given. It is the same refusal for an identity that does not
// exist and for one that does not log in by that method.
func (r *Registry) Settings(id string, method Method) (any, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found := r.identities[id]
	if found == nil {
		return nil, store.NotFound("NotFound", "%s method not found for identity, did you configure it?", method)
	}
	settings, ok := found.settings[method]
	if !ok {
		return nil, store.NotFound("NotFound", "%s method not found for identity, did you configure it?", method)
	}
	return settings, nil
}

// SetRoles says what roles an identity has in a project. None takes it out of the project.
func (r *Registry) SetRoles(id, projectID string, roles []string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	found, err := r.identity(id)
	if err != nil {
		return err
	}
	if len(roles) == 0 {
		delete(found.roles, projectID)
		return nil
	}
	found.roles[projectID] = slices.Clone(roles)
	return nil
}

// Roles returns the roles of an identity in a project; member is false if it is not in it.
func (r *Registry) Roles(id, projectID string) (roles []string, member bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found := r.identities[id]
	if found == nil {
		return nil, false
	}
	roles, member = found.roles[projectID]
	return slices.Clone(roles), member
}

// CreateUser makes a person.
func (r *Registry) CreateUser(email, password, orgID string) User {
	r.mu.Lock()
	defer r.mu.Unlock()
	made := User{ID: newID(), Email: email, Password: password, OrgID: orgID}
	r.users[made.ID] = made
	return made
}

// HasUsers reports whether there is a person at all.
func (r *Registry) HasUsers() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.users) > 0
}

func (r *Registry) identity(id string) (*identity, error) {
	found := r.identities[id]
	if found == nil {
		return nil, store.NotFound("NotFound", "Identity with ID '%s' not found", id)
	}
	return found, nil
}

// Unauthorized is a refusal with 401.
func Unauthorized(message string) *store.Error {
	return &store.Error{Status: http.StatusUnauthorized, Name: "UnauthorizedError", Message: message}
}

// TokenError is the refusal of a token that does not verify, with 403.
func TokenError(message string) *store.Error {
	return &store.Error{Status: http.StatusForbidden, Name: "TokenError", Message: message}
}

func seconds(n int64) time.Duration { return time.Duration(n) * time.Second }

func newID() string { return string(uuid.NewUUID()) }

// random returns n random bytes in hex.
func random(n int) string {
	bytes := make([]byte, n)
	_, _ = rand.Read(bytes) // never fails
	return hex.EncodeToString(bytes)
}
