// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/privatekey"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// CheckTemplated returns what templates made of values as the state of the target, if it can
// be one. It asks for more than Check: what templates write has the shape that its type says,
// because a mistake in a template is found here or by an application that does not start.
// Errors: InvalidContent.
func (p Plan) CheckTemplated(values, made map[string]sensitive.Value) (Content, error) {
	for _, key := range slices.Sorted(maps.Keys(made)) {
		if checkKey(key) != nil { // Which shows the key: here it may be made of a value.
			return Content{}, invalid(ReasonInvalidKey, "spec.template makes a key that cannot be one of a Secret: 1 to %d characters of [-._a-zA-Z0-9], not starting with .. and not . alone",
				validation.DNS1123SubdomainMaxLength)
		}
	}
	data := map[string]sensitive.Value{}
	if p.spec.Template.Values == v1alpha1.ValuesKeep {
		maps.Copy(data, values)
	}
	maps.Copy(data, made)
	if len(data) == 0 {
		return Content{}, invalid(ReasonNothingTaken, "spec.template makes no key of these values, and a Secret without any is of use to nobody")
	}
	content, err := p.Check(data)
	if err != nil {
		return Content{}, err
	}
	return content, checkShape(content)
}

// checkShape reports a value that those who read Secrets of its type cannot use.
func checkShape(c Content) error {
	switch corev1.SecretType(c.Type) {
	case corev1.SecretTypeTLS:
		certificate, key := c.Data[corev1.TLSCertKey].Reveal(), c.Data[corev1.TLSPrivateKeyKey].Reveal()
		if !areParsable(key) {
			return badShape(c, "%q holds a private key that is too large: RSA has at most %d bits and two primes", corev1.TLSPrivateKeyKey, privatekey.MaxRSABits)
		}
		if _, err := tls.X509KeyPair(certificate, key); err != nil {
			return badShape(c, "%q must hold certificates in PEM, the first of them the leaf, and %q its private key without a passphrase; the functions certChain and pemKey write them so", corev1.TLSCertKey, corev1.TLSPrivateKeyKey)
		}
	case corev1.SecretTypeSSHAuth:
		block, _ := pem.Decode(c.Data[corev1.SSHAuthPrivateKey].Reveal())
		if block == nil || !strings.HasSuffix(block.Type, "PRIVATE KEY") {
			return badShape(c, "%q must hold a private key in PEM, as the function pemKey writes it", corev1.SSHAuthPrivateKey)
		}
	case corev1.SecretTypeDockerConfigJson:
		if !isDockerConfig(c.Data[corev1.DockerConfigJsonKey].Reveal()) {
			return badShape(c, "%q must hold an object with the member auths, which names registries, each with texts for username and password or the Base64 of user:password for auth, as the function dockerConfig writes it",
				corev1.DockerConfigJsonKey)
		}
	}
	return nil
}

// areParsable reports whether whatever may be a private key in a text can be parsed in a bounded time.
func areParsable(text []byte) bool {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if strings.HasSuffix(block.Type, "PRIVATE KEY") && !privatekey.Parsable(block.Bytes) {
			return false
		}
	}
	return true
}

// isDockerConfig reports whether a kubelet can read a configuration, which drops all of it for
// one registry that is wrong. See k8s.io/kubernetes/pkg/credentialprovider, config.go.
func isDockerConfig(text []byte) bool {
	var config struct {
		Auths map[string]struct {
			Username string `json:"username"`
			Password string `json:"password"`
			Email    string `json:"email"`
			Auth     string `json:"auth"`
		} `json:"auths"`
	}
	if json.Unmarshal(text, &config) != nil || len(config.Auths) == 0 {
		return false
	}
	for _, registry := range config.Auths {
		decoded, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(registry.Auth, "="))
		if err != nil || registry.Auth != "" && !bytes.ContainsRune(decoded, ':') {
			return false
		}
	}
	return true
}

func badShape(c Content, format string, keys ...any) error {
	return invalid(ReasonInvalidShape, "type %s: "+format, append([]any{c.Type}, keys...)...)
}
