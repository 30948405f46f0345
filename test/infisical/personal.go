// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"net/http"

	"k8s.io/apimachinery/pkg/util/uuid"

	"github.com/secretsync/secretsync/test/infisical/store"
)

// personalRoutes are for people alone: an identity is refused before anything is looked at.
func personalRoutes() []route {
	routes := []route{
		{"POST /api/v1/webhooks", writeClass, people, (*call).createWebhook},
		{"DELETE /api/v1/webhooks/{id}", writeClass, people, (*call).deleteWebhook},
		{"POST /api/v1/webhooks/{id}/test", writeClass, people, (*call).testWebhook},
	}
	for _, pattern := range []string{
		"GET /api/v1/pit/commits/count", "GET /api/v1/pit/commits", "GET /api/v1/pit/commits/{id}/changes",
		"GET /api/v1/pit/commits/{id}", "GET /api/v1/pit/commits/{id}/compare",
		"POST /api/v1/pit/commits/{id}/rollback", "POST /api/v1/pit/commits/{id}/revert", "POST /api/v1/pit/batch/commit",
	} {
		routes = append(routes, route{pattern, readClass, people, (*call).noRecovery})
	}
	return routes
}

// noRecovery is what people are told without a licence for point-in-time recovery.
func (c *call) noRecovery() (any, error) {
	return nil, store.BadRequest("Failed to use point-in-time recovery due to plan restriction. Upgrade plan to use it.")
}

func (c *call) createWebhook() (any, error) {
	var body struct {
		webhook

		WorkspaceID string `json:"workspaceId"`
	}
	if err := c.body(&body); err != nil {
		return nil, err
	}
	hook := body.webhook
	if hook.ProjectID == "" {
		hook.ProjectID = body.WorkspaceID
	}
	if err := need("projectId", hook.ProjectID, "environment", hook.Environment, "webhookUrl", hook.URL); err != nil {
		return nil, err
	}
	if _, err := c.ability(hook.ProjectID); err != nil {
		return nil, err
	}
	hook.ID, hook.Path = string(uuid.NewUUID()), store.CleanPath(hook.Path)
	c.webhooks.add(hook)
	return webhookAnswer("Successfully created webhook", hook), nil
}

func (c *call) deleteWebhook() (any, error) {
	hook, ok := c.webhooks.find(c.path("id"))
	if !ok {
		return nil, c.noWebhook()
	}
	c.webhooks.remove(hook.ID)
	return webhookAnswer("Successfully removed webhook", hook), nil
}

func (c *call) testWebhook() (any, error) {
	hook, ok := c.webhooks.find(c.path("id"))
	if !ok {
		return nil, c.noWebhook()
	}
	if err := c.webhooks.deliver(hook, "test", store.Change{Path: hook.Path}); err != nil {
		return nil, &store.Error{Status: http.StatusBadRequest, Name: "BadRequest", Message: "Webhook test failed"}
	}
	return webhookAnswer("Successfully tested webhook", hook), nil
}

func (c *call) noWebhook() error {
	return store.NotFound("NotFound", "Webhook with ID '%s' not found", c.path("id"))
}

func webhookAnswer(message string, hook webhook) map[string]any {
	return map[string]any{"message": message, "webhook": map[string]any{
		"id": hook.ID, "projectId": hook.ProjectID, "url": hook.URL, "secretPath": hook.Path, "type": hook.Type,
		"environment": map[string]any{"slug": hook.Environment},
	}}
}
