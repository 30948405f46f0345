// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"

	"github.com/secretsync/secretsync/test/infisical/access"
	"github.com/secretsync/secretsync/test/infisical/store"
)

// Verifiers stand for the systems that the server asks about credentials it cannot judge itself.
// A nil one is the real way, if there is one on a closed machine.
type Verifiers struct {
	// TokenReview judges the token of a ServiceAccount. Nil asks the API server that the identity's
	// settings name, with the reviewer's token that they hold, as the real server does.
	TokenReview func(ctx context.Context, token string, audiences []string) (authenticationv1.TokenReviewStatus, error)
	// LDAP reports whether a password is right. Nil refuses everybody.
	LDAP func(username, password string) bool
	// AWS returns the ARN that signed a request to STS. Nil refuses everybody.
	AWS func(method, body, headers string) (arn string, ok bool)
	// CloudKeys verify the tokens of Azure and of GCP, as JSON Web Key Set. Empty refuses everybody.
	CloudKeys []byte
}

func (c *call) verifyLogin(method access.Method, settings json.RawMessage, given credentials) error {
	ctx := c.request.Context()
	switch method {
	case access.Kubernetes:
		return c.verify.kubernetes(ctx, settings, given.JWT)
	case access.LDAP:
		if c.verify.LDAP == nil || !c.verify.LDAP(given.Username, given.Password) {
			return unverified("LDAP authentication failed")
		}
		return nil
	case access.AWS:
		return c.verify.aws(settings, given)
	default:
		return c.verifyJWT(ctx, method, settings, given.JWT)
	}
}

func (v Verifiers) aws(settings json.RawMessage, given credentials) error {
	var want struct {
		ARNs string `json:"allowedPrincipalArns"`
	}
	if err := json.Unmarshal(settings, &want); err != nil {
		return store.BadRequest("reading the settings: %v", err)
	}
	if v.AWS == nil {
		return unverified("AWS is not there")
	}
	arn, ok := v.AWS(given.IAMMethod, given.IAMBody, given.IAMHeaders)
	if !ok || want.ARNs != "" && !slices.ContainsFunc(list(want.ARNs), func(allowed string) bool { return store.Glob(allowed, arn) }) {
		return unverified("AWS principal not allowed")
	}
	return nil
}

// list splits what settings write as one text.
func list(text string) []string {
	parts := strings.Split(text, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return slices.DeleteFunc(parts, func(part string) bool { return part == "" })
}
