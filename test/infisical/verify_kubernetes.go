// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/test/infisical/store"
)

// reviewTimeout is how long the server waits for an API server.
const reviewTimeout = 10 * time.Second

// kubernetesSettings is how an identity logs in with the token of a ServiceAccount.
type kubernetesSettings struct {
	Host        string `json:"kubernetesHost"`
	CACert      string `json:"caCert"`
	ReviewerJWT string `json:"tokenReviewerJwt"`
	Namespaces  string `json:"allowedNamespaces"`
	Names       string `json:"allowedNames"`
	Audience    string `json:"allowedAudience"`
}

func (v Verifiers) kubernetes(ctx context.Context, text json.RawMessage, token string) error {
	var settings kubernetesSettings
	if err := json.Unmarshal(text, &settings); err != nil {
		return store.BadRequest("reading the settings: %v", err)
	}
	var audiences []string
	if settings.Audience != "" {
		audiences = []string{settings.Audience}
	}
	review := v.TokenReview
	if review == nil {
		review = settings.ask
	}
	status, err := review(ctx, token, audiences)
	if err != nil {
		return err
	}
	return settings.judge(status)
}

// judge says whether somebody known to Kubernetes may log in.
func (k kubernetesSettings) judge(status authenticationv1.TokenReviewStatus) error {
	if status.Error != "" {
		return &store.Error{Status: http.StatusForbidden, Name: "KubernetesTokenReviewError", Message: status.Error}
	}
	if !status.Authenticated {
		return kubernetesDenied("KubernetesTokenNotAuthenticated", "Kubernetes token not authenticated")
	}
	parts := strings.Split(status.User.Username, ":")
	if len(parts) != 4 || parts[0] != "system" || parts[1] != "serviceaccount" {
		return kubernetesDenied("UnauthorizedError", "Access denied: token is not a service account's")
	}
	if allowed := list(k.Namespaces); len(allowed) > 0 && !slices.Contains(allowed, parts[2]) {
		return kubernetesDenied("UnauthorizedError", "Access denied: K8s namespace not allowed.")
	}
	if allowed := list(k.Names); len(allowed) > 0 && !slices.Contains(allowed, parts[3]) {
		return kubernetesDenied("UnauthorizedError", "Access denied: K8s name not allowed.")
	}
	if k.Audience != "" && !slices.Contains(status.Audiences, k.Audience) {
		return kubernetesDenied("UnauthorizedError", "Access denied: K8s audience not allowed.")
	}
	return nil
}

// ask has the API server of the settings review a token.
func (k kubernetesSettings) ask(ctx context.Context, token string, audiences []string) (authenticationv1.TokenReviewStatus, error) {
	var reviewed authenticationv1.TokenReview
	ctx, cancel := context.WithTimeout(ctx, reviewTimeout)
	defer cancel()
	body, err := json.Marshal(authenticationv1.TokenReview{
		TypeMeta: metav1.TypeMeta{APIVersion: "authentication.k8s.io/v1", Kind: "TokenReview"},
		Spec:     authenticationv1.TokenReviewSpec{Token: token, Audiences: audiences},
	})
	if err != nil {
		return reviewed.Status, fmt.Errorf("writing a review: %w", err)
	}
	host := strings.TrimSuffix(k.Host, "/")
	if !strings.Contains(host, "://") {
		host = "https://" + host
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, host+"/apis/authentication.k8s.io/v1/tokenreviews", bytes.NewReader(body))
	if err != nil {
		return reviewed.Status, store.BadRequest("Invalid Kubernetes host: %v", err)
	}
	request.Header.Set("Content-Type", "application/json")
	reviewer := k.ReviewerJWT
	if reviewer == "" {
		reviewer = token // who logs in reviews itself
	}
	request.Header.Set("Authorization", "Bearer "+reviewer)
	client, done, err := clientFor(k.CACert)
	if err != nil {
		return reviewed.Status, err
	}
	defer done()
	response, err := client.Do(request)
	if err != nil {
		return reviewed.Status, connectionRefusal(err)
	}
	defer func() { _ = response.Body.Close() }()
	switch response.StatusCode {
	case http.StatusOK, http.StatusCreated:
	case http.StatusUnauthorized:
		return reviewed.Status, kubernetesDenied("KubernetesTokenReviewerUnauthorized", "The Kubernetes token reviewer JWT is not valid")
	case http.StatusForbidden:
		return reviewed.Status, kubernetesDenied("KubernetesTokenReviewerForbidden", "The Kubernetes token reviewer may not review tokens")
	default:
		return reviewed.Status, kubernetesFailed("KubernetesTokenReviewRequestError", "The Kubernetes API server answered "+response.Status)
	}
	if err := json.NewDecoder(response.Body).Decode(&reviewed); err != nil {
		return reviewed.Status, kubernetesFailed("KubernetesTokenReviewRequestError", "The answer of the Kubernetes API server is no review")
	}
	return reviewed.Status, nil
}

// clientFor returns a client that trusts the authority of the PEM text, or those of the machine
// without one, and what to call when it is done.
func clientFor(caCert string) (client *http.Client, done func(), err error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if caCert != "" {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM([]byte(caCert)) {
			return nil, nil, kubernetesFailed("KubernetesCertificateError", "The CA certificate is not valid")
		}
	}
	transport := &http.Transport{TLSClientConfig: config}
	return &http.Client{Transport: transport}, transport.CloseIdleConnections, nil
}

func connectionRefusal(err error) *store.Error {
	var unknownHost *net.DNSError
	var badCertificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &unknownHost):
		return kubernetesFailed("KubernetesHostNotFound", "The Kubernetes host was not found")
	case errors.As(err, &badCertificate):
		return kubernetesFailed("KubernetesCertificateError", "The certificate of the Kubernetes API server is not trusted")
	case errors.Is(err, context.DeadlineExceeded):
		return kubernetesFailed("KubernetesConnectionTimeout", "The Kubernetes API server did not answer in time")
	default:
		return kubernetesFailed("KubernetesConnectionRefused", "The Kubernetes API server refused the connection")
	}
}

func kubernetesDenied(name, message string) *store.Error {
	return &store.Error{Status: http.StatusUnauthorized, Name: name, Message: message}
}

func kubernetesFailed(name, message string) *store.Error {
	return &store.Error{Status: http.StatusBadRequest, Name: name, Message: message}
}
