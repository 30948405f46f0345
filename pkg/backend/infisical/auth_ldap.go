// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-resty/resty/v2"
	api "github.com/infisical/go-sdk/packages/api/auth"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// ldapAuth logs in with a user name and a password.
type ldapAuth struct {
	cfg  backend.Config
	spec *v1alpha1.InfisicalLDAPAuth
}

func (l *ldapAuth) proof(ctx context.Context) (proof, error) {
	ref := l.spec.PasswordRef
	kept, err := l.cfg.Credentials.SecretKey(ctx, l.cfg.CredentialNamespace, ref.Name, ref.Key)
	if err != nil {
		return proof{}, err //nolint:wrapcheck // classed and complete
	}
	// A password may hold any character but the line end that an editor leaves.
	password := strings.TrimRight(string(kept.Reveal()), "\r\n")
	if password == "" {
		return proof{}, fault.New(fault.InvalidSpec, "InvalidCredential", "key %q of Secret %q is empty", ref.Key, l.cfg.CredentialNamespace+"/"+ref.Name)
	}
	request := api.LdapAuthLoginRequest{IdentityID: l.spec.IdentityID, Username: l.spec.Username, Password: password}
	return proof{
		account: "ldap\n" + l.spec.IdentityID + "\n" + l.spec.Username,
		secret:  sensitive.FromString(l.spec.IdentityID + "\n" + l.spec.Username + "\n" + password),
		login: func(http *resty.Client) (api.MachineIdentityAuthLoginResponse, error) {
			return api.CallLdapAuthLogin(http, request) //nolint:wrapcheck // It is judged by the answer.
		},
	}, nil
}

func (l *ldapAuth) kept() bool { return true }

func (l *ldapAuth) who() string {
	return fmt.Sprintf("identity %q with user %q of the directory", l.spec.IdentityID, l.spec.Username)
}

func (l *ldapAuth) advice(got *answer) string {
	if strings.Contains(got.text, "locked") {
		return "it is locked for some minutes, because somebody showed wrong passwords"
	}
	return "check the user name and the password, and which users the identity's LDAP auth allows"
}
