// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// CheckTemplated returns what templates made of values as the state of the target, if it can
// be one. It asks for more than Check: what templates write has the shape that its type says,
// because a mistake in a template is found here or by an application that does not start.
// Errors: InvalidContent.
func (p Plan) CheckTemplated(values, made map[string]sensitive.Value) (Content, error) {
	for _, key := range slices.Sorted(maps.Keys(made)) {
		if err := checkKey(key); err != nil {
			return Content{}, within(err, "spec.template makes a key")
		}
	}
	data := map[string]sensitive.Value{}
	if p.spec.Template.Values == v1alpha1.ValuesKeep {
		maps.Copy(data, values)
	}
	maps.Copy(data, made)
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
		if _, err := tls.X509KeyPair(certificate, key); err != nil {
			return badShape(c, "%q must hold certificates in PEM, the first of them the leaf, and %q its private key", corev1.TLSCertKey, corev1.TLSPrivateKeyKey)
		}
	case corev1.SecretTypeSSHAuth:
		block, _ := pem.Decode(c.Data[corev1.SSHAuthPrivateKey].Reveal())
		if block == nil || !strings.HasSuffix(block.Type, "PRIVATE KEY") {
			return badShape(c, "%q must hold a private key in PEM", corev1.SSHAuthPrivateKey)
		}
	case corev1.SecretTypeDockerConfigJson:
		var config struct {
			Auths map[string]map[string]any `json:"auths"`
		}
		if json.Unmarshal(c.Data[corev1.DockerConfigJsonKey].Reveal(), &config) != nil || len(config.Auths) == 0 {
			return badShape(c, "%q must hold an object with the member auths, which names registries, as the function dockerConfig writes it", corev1.DockerConfigJsonKey)
		}
	}
	return nil
}

func badShape(c Content, format string, keys ...any) error {
	return invalid(ReasonInvalidShape, "type %s: "+format, append([]any{c.Type}, keys...)...)
}
