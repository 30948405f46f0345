// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/secretsync/secretsync/test/infisical/access"
	"github.com/secretsync/secretsync/test/infisical/store"
)

// maxBody bounds what is read of a request.
const maxBody = 32 << 20

// call is a request that is being answered.
type call struct {
	*server

	request *http.Request
	writer  http.ResponseWriter
	caller  access.Caller
	// etag is what the handler has set; empty leaves it to the hash of the answer.
	etag string
}

// header is what a handler answers when it has written everything itself.
type written struct{}

// notModified is what a handler answers when it knows that the client has it all.
type notModified struct{}

func (c *call) path(name string) string { return c.request.PathValue(name) }

// writer is who the caller is, as the store wants it.
func (c *call) actor() store.Actor {
	kind := "identity"
	if c.caller.User {
		kind = "user"
	}
	return store.Actor{ID: c.caller.ID, Type: kind, Name: c.caller.Name}
}

// ability is what the caller may do in a project.
func (c *call) ability(projectID string) (store.Ability, error) {
	return c.abilityOf(c.caller, projectID)
}

func (s *server) abilityOf(who access.Caller, projectID string) (store.Ability, error) {
	if _, err := s.store.Project(projectID, false); err != nil {
		if s.behavior.UnknownProjectIs403 {
			return nil, notAMember()
		}
		return nil, err
	}
	if who.User {
		rules, _ := store.BuiltInRole("admin")
		return rules, nil
	}
	roles, member := s.registry.Roles(who.ID, projectID)
	if !member {
		if s.behavior.ForeignProjectIs404 {
			return nil, store.NotFound("NotFound", "Project with ID '%s' not found", projectID)
		}
		return nil, notAMember()
	}
	var able store.Ability
	for _, role := range roles {
		rules, err := s.store.Role(projectID, role)
		if err != nil {
			return nil, err
		}
		able = append(able, rules...)
	}
	return able, nil
}

func notAMember() error {
	return store.Forbidden("ForbiddenError", "You are not a member of this project")
}

// must is a check of one permission that is no secret's.
func (c *call) must(projectID, action, subject string, at store.Place) error {
	able, err := c.ability(projectID)
	if err != nil {
		return err
	}
	if !able.Can(action, subject, store.Object{Environment: at.Environment, Path: at.Path}) {
		return store.Denied(action, subject)
	}
	return nil
}

// body reads a JSON body; fields that are not known are ignored. An absent body is an empty one.
func (c *call) body(into any) error {
	text, err := io.ReadAll(io.LimitReader(c.request.Body, maxBody))
	if err != nil {
		return store.BadRequest("Reading the body failed")
	}
	if len(text) == 0 {
		return nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		if kind, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return &invalid{[]issue{{
				Code: "invalid_type", Expected: kind.Type.String(), Received: kind.Value, Path: []string{kind.Field},
				Message: "Expected " + kind.Type.String() + ", received " + kind.Value,
			}}}
		}
		return store.BadRequest("Body is not valid JSON but content-type is set to 'application/json'")
	}
	return nil
}

// need refuses a body in which one of the named fields is empty; the names and values alternate.
func need(namesAndValues ...string) error {
	var missing []issue
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		if namesAndValues[i+1] == "" {
			missing = append(missing, required(namesAndValues[i]))
		}
	}
	if len(missing) > 0 {
		return &invalid{missing}
	}
	return nil
}

// query reads the parameters of a request and remembers what is wrong with them.
type query struct {
	values url.Values
	issues []issue
}

func (c *call) query() *query { return &query{values: c.request.URL.Query()} }

// text returns the first of the names that is given and not empty.
func (q *query) text(names ...string) string {
	for _, name := range names {
		if text := q.values.Get(name); text != "" {
			return text
		}
	}
	return ""
}

// flag reads a boolean, which must be true or false to the letter, by the first of the names that is given.
func (q *query) flag(unset bool, names ...string) bool {
	for _, name := range names {
		if !q.values.Has(name) {
			continue
		}
		switch text := q.values.Get(name); text {
		case "true":
			return true
		case "false":
			return false
		default:
			q.issues = append(q.issues, issue{
				Code: "invalid_enum_value", Options: []string{"true", "false"}, Received: text, Path: []string{name},
				Message: "Invalid enum value. Expected 'true' | 'false', received '" + text + "'",
			})
		}
	}
	return unset
}

// number reads a number; nil if it is not given.
func (q *query) number(name string) *int {
	if !q.values.Has(name) {
		return nil
	}
	n, err := strconv.Atoi(q.values.Get(name))
	if err != nil {
		q.issues = append(q.issues, issue{
			Code: "invalid_type", Expected: "number", Received: "nan", Path: []string{name}, Message: "Expected number, received nan",
		})
	}
	return &n
}

func (q *query) err() error {
	if len(q.issues) > 0 {
		return &invalid{q.issues}
	}
	return nil
}
