// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"

	esv1beta1 "github.com/external-secrets/external-secrets/apis/externalsecrets/v1beta1"
	esmeta "github.com/external-secrets/external-secrets/apis/meta/v1"
	"github.com/external-secrets/external-secrets/pkg/provider/infisical"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
)

// given is where to ask, as whom, and what.
type given struct {
	Address      string              `json:"address"`
	ClientID     string              `json:"clientId"`
	ClientSecret string              `json:"clientSecret"`
	Project      string              `json:"project"`
	Environment  string              `json:"environment"`
	Questions    map[string]question `json:"questions"`
}

// question is a SecretStore of its own, and what is asked of it.
type question struct {
	// Method is list (GetAllSecrets), get (GetSecret), map (GetSecretMap) or validate.
	Method string `json:"method"`
	// Path, Recursive and Expand are the scope of the store.
	Path      string `json:"path"`
	Recursive bool   `json:"recursive"`
	Expand    bool   `json:"expand"`
	// Key and Property are those of a remoteRef; Find is the expression of a find by name.
	Key      string `json:"key"`
	Property string `json:"property"`
	Find     string `json:"find"`
	// ClientSecret stands in for the one that is given, if it is not empty.
	ClientSecret string `json:"clientSecret"`
}

var errMethod = errors.New("no such method")

// ask logs in, asks and has the token revoked, as the operator does at every reconciliation.
func (q question) ask(ctx context.Context, g given) (answer, error) {
	if q.ClientSecret != "" {
		g.ClientSecret = q.ClientSecret
	}
	kube := fake.NewClientBuilder().WithObjects(g.credential()).Build()
	store := q.store(g)
	provider := &infisical.Provider{}
	if _, err := provider.ValidateStore(store); err != nil {
		return answer{}, fmt.Errorf("checking the store: %w", err)
	}
	client, err := provider.NewClient(ctx, store, kube, namespace)
	if err != nil {
		return answered(nil, err)
	}
	values, err := q.call(ctx, client)
	if err := client.Close(ctx); err != nil {
		return answer{}, fmt.Errorf("revoking the token: %w", err)
	}
	return answered(values, err)
}

// call returns what the method returned; a value alone goes by the name that was asked for.
func (q question) call(ctx context.Context, client esv1beta1.SecretsClient) (map[string][]byte, error) {
	ref := esv1beta1.ExternalSecretDataRemoteRef{Key: q.Key, Property: q.Property}
	switch q.Method {
	case "list":
		var find esv1beta1.ExternalSecretFind
		if q.Find != "" {
			find.Name = &esv1beta1.FindName{RegExp: q.Find}
		}
		return client.GetAllSecrets(ctx, find)
	case "get":
		value, err := client.GetSecret(ctx, ref)
		return map[string][]byte{q.Key: value}, err
	case "map":
		return client.GetSecretMap(ctx, ref)
	case "validate":
		result, err := client.Validate()
		return map[string][]byte{"result": []byte(result.String())}, err
	}
	return nil, fmt.Errorf("%w: %q", errMethod, q.Method)
}

const namespace, credentialName = "default", "infisical"

// credential is the Secret that the store refers to.
func (g given) credential() *corev1.Secret {
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: credentialName},
		Data:       map[string][]byte{"id": []byte(g.ClientID), "secret": []byte(g.ClientSecret)},
	}
}

func (q question) store(g given) *esv1beta1.SecretStore {
	from := func(key string) esmeta.SecretKeySelector {
		return esmeta.SecretKeySelector{Name: credentialName, Key: key}
	}
	return &esv1beta1.SecretStore{
		TypeMeta:   metav1.TypeMeta{APIVersion: esv1beta1.SchemeGroupVersion.String(), Kind: esv1beta1.SecretStoreKind},
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "infisical"},
		Spec: esv1beta1.SecretStoreSpec{Provider: &esv1beta1.SecretStoreProvider{Infisical: &esv1beta1.InfisicalProvider{
			HostAPI: g.Address,
			Auth: esv1beta1.InfisicalAuth{UniversalAuthCredentials: &esv1beta1.UniversalAuthCredentials{
				ClientID: from("id"), ClientSecret: from("secret"),
			}},
			SecretsScope: esv1beta1.MachineIdentityScopeInWorkspace{
				SecretsPath: q.Path, Recursive: q.Recursive, ExpandSecretReferences: q.Expand,
				EnvironmentSlug: g.Environment, ProjectSlug: g.Project,
			},
		}}},
	}
}
