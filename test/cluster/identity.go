// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"fmt"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// defaultTokenLifetime of the ServiceAccount tokens made here: longer than any test.
const defaultTokenLifetime = 12 * time.Hour

// TokenOptions shape a ServiceAccount token.
type TokenOptions struct {
	// Audiences of the token; empty means the API server's own.
	Audiences []string
	// Lifetime of the token, at least 10 minutes; zero means 12 hours.
	Lifetime time.Duration
}

// Kubeconfig is the path of a kubeconfig file with every right.
func (c *Cluster) Kubeconfig() string { return c.file("admin.kubeconfig") }

// UserConfig is the configuration of a client that is a user of that name and those groups, by a client
// certificate. It may do what RBAC allows such a user, and no more.
func (c *Cluster) UserConfig(user string, groups ...string) (*rest.Config, error) {
	pair, err := c.authority.Client(user, groups...)
	if err != nil {
		return nil, err
	}
	config := c.anonymous()
	config.CertData, config.KeyData = pair.Certificate, pair.Key
	return config, nil
}

// ServiceAccountConfig is the configuration of a client with a token of an existing ServiceAccount. It may do what
// RBAC allows that ServiceAccount, and no more.
func (c *Cluster) ServiceAccountConfig(ctx context.Context, namespace, name string) (*rest.Config, error) {
	token, err := c.ServiceAccountToken(ctx, namespace, name, TokenOptions{})
	if err != nil {
		return nil, err
	}
	config := c.anonymous()
	config.BearerToken = token
	return config, nil
}

// ServiceAccountToken asks the API server for a token of an existing ServiceAccount (TokenRequest).
func (c *Cluster) ServiceAccountToken(ctx context.Context, namespace, name string, options TokenOptions) (string, error) {
	client, err := kubernetes.NewForConfig(c.Config())
	if err != nil {
		return "", fmt.Errorf("requesting a token: %w", err)
	}
	lifetime := options.Lifetime
	if lifetime == 0 {
		lifetime = defaultTokenLifetime
	}
	seconds := int64(lifetime.Seconds())
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{
		Audiences:         options.Audiences,
		ExpirationSeconds: &seconds,
	}}
	answer, err := client.CoreV1().ServiceAccounts(namespace).CreateToken(ctx, name, request, metav1.CreateOptions{})
	if err != nil {
		return "", fmt.Errorf("requesting a token of %s/%s: %w", namespace, name, err)
	}
	return answer.Status.Token, nil
}

// Issuer is the `iss` claim of ServiceAccount tokens.
func (c *Cluster) Issuer() string { return serviceAccountIssuer }

// ServiceAccountKey is the public key that verifies ServiceAccount tokens, PEM.
func (c *Cluster) ServiceAccountKey() []byte { return c.serviceAccountKey }

// WriteKubeconfig writes a kubeconfig file for programs that take a path.
func WriteKubeconfig(path string, config *rest.Config) error {
	const name = "test"
	err := clientcmd.WriteToFile(api.Config{
		CurrentContext: name,
		Contexts:       map[string]*api.Context{name: {Cluster: name, AuthInfo: name}},
		Clusters: map[string]*api.Cluster{name: {
			Server:                   config.Host,
			CertificateAuthorityData: config.CAData,
		}},
		AuthInfos: map[string]*api.AuthInfo{name: {
			Token:                 config.BearerToken,
			ClientCertificateData: config.CertData,
			ClientKeyData:         config.KeyData,
		}},
	}, path)
	if err != nil {
		return fmt.Errorf("writing a kubeconfig: %w", err)
	}
	return nil
}
