// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"fmt"
	"strings"

	"github.com/secretsync/secretsync/test/infisical/store"
)

// writeBody is the body of every write of secrets, in both versions of the API.
type writeBody struct {
	ProjectID   string `json:"projectId"`
	WorkspaceID string `json:"workspaceId"`
	ProjectSlug string `json:"projectSlug"`
	Environment string `json:"environment"`
	SecretPath  string `json:"secretPath"`
	Type        string `json:"type"`

	oneWrite

	Secrets []oneWrite `json:"secrets"`
}

type oneWrite struct {
	Key      string           `json:"secretKey"`
	Value    *string          `json:"secretValue"`
	Comment  *string          `json:"secretComment"`
	NewName  string           `json:"newSecretName"`
	Metadata []store.Metadata `json:"secretMetadata"`
	TagIDs   []string         `json:"tagIds"`
	Skip     *bool            `json:"skipMultilineEncoding"`
}

func (o oneWrite) write() store.Write {
	return store.Write{
		Key: o.Key, NewKey: o.NewName, Value: o.Value, Comment: o.Comment, Metadata: o.Metadata, TagIDs: o.TagIDs, SkipMultiline: o.Skip,
	}
}

// change is one of the store's writes.
type change func(store.Writer, store.Place, ...store.Write) ([]store.Secret, error)

func (c *call) createSecret() (any, error)  { return c.writeOne(c.store.Create) }
func (c *call) updateSecret() (any, error)  { return c.writeOne(c.store.Update) }
func (c *call) deleteSecret() (any, error)  { return c.writeOne(c.remove) }
func (c *call) createSecrets() (any, error) { return c.writeBatch(c.store.Create) }
func (c *call) updateSecrets() (any, error) { return c.writeBatch(c.store.Update) }
func (c *call) deleteSecrets() (any, error) { return c.writeBatch(c.remove) }

func (c *call) remove(by store.Writer, at store.Place, writes ...store.Write) ([]store.Secret, error) {
	keys := make([]string, len(writes))
	for i := range writes {
		keys[i] = writes[i].Key
	}
	return c.store.Delete(by, at, keys...)
}

func (c *call) writeOne(change change) (any, error) {
	var body writeBody
	if err := c.body(&body); err != nil {
		return nil, err
	}
	body.Key = c.path("name")
	told, err := c.apply(body, change, body.write())
	if err != nil || told == nil {
		return approval(err)
	}
	return map[string]any{"secret": tell(told[0])}, nil
}

func (c *call) writeBatch(change change) (any, error) {
	var body writeBody
	if err := c.body(&body); err != nil {
		return nil, err
	}
	if len(body.Secrets) == 0 {
		return nil, &invalid{[]issue{{Code: "too_small", Path: []string{"secrets"}, Message: "Array must contain at least 1 element(s)"}}}
	}
	writes := make([]store.Write, len(body.Secrets))
	for i, one := range body.Secrets {
		writes[i] = one.write()
	}
	told, err := c.apply(body, change, writes...)
	if err != nil || told == nil {
		return approval(err)
	}
	return map[string]any{"secrets": tellAll(told)}, nil
}

// apply makes the change; nothing, and no error, means that it waits for approval.
func (c *call) apply(body writeBody, change change, writes ...store.Write) ([]store.Secret, error) {
	at, err := c.placeOf(body)
	if err != nil {
		return nil, err
	}
	if err := namesOf(writes); err != nil {
		return nil, err
	}
	if body.Type == "personal" {
		return nil, store.BadRequest("Must be user to create personal secret")
	}
	able, err := c.ability(at.ProjectID)
	if err != nil {
		return nil, err
	}
	if c.behavior.ApprovalRequired && !c.caller.User && !c.caller.Admin {
		return nil, nil
	}
	return change(store.Writer{Actor: c.actor(), Can: able}, at, writes...)
}

// approval is the answer to a write that waits for one.
func approval(err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return map[string]any{"approval": map[string]any{"id": requestID(), "status": "open", "hasMerged": false}}, nil
}

func (c *call) placeOf(body writeBody) (store.Place, error) {
	at := store.Place{ProjectID: body.ProjectID, Environment: body.Environment, Path: store.CleanPath(body.SecretPath)}
	if at.ProjectID == "" {
		at.ProjectID = body.WorkspaceID
	}
	if at.ProjectID == "" && body.ProjectSlug != "" {
		project, err := c.store.Project(body.ProjectSlug, true)
		if err != nil {
			return at, err
		}
		at.ProjectID = project.ID
	}
	return at, need("projectId", at.ProjectID, "environment", at.Environment)
}

// namesOf refuses the names that no secret may have.
func namesOf(writes []store.Write) error {
	for i, w := range writes {
		for _, name := range []string{w.Key, w.NewKey} {
			for bad, called := range map[string]string{":": "colon", "/": "forward slash"} {
				if strings.Contains(name, bad) {
					return &invalid{[]issue{{
						Code: "custom", Path: []string{"secretName", fmt.Sprint(i)}, Message: "Secret name cannot contain " + called + ".",
					}}}
				}
			}
		}
	}
	return nil
}
