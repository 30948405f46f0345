// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
)

// maxSize is what a Secret may hold in bytes. Kubernetes counts the values against
// corev1.MaxSecretSize; we count the keys as well, because they too have to fit into
// what etcd stores.
const maxSize = corev1.MaxSecretSize

// Bounds of the lists of names in messages.
const (
	maxNames      = 16
	maxNameLength = 64
)

// checkKey reports a name that cannot be a key of a Secret.
func checkKey(key string) error {
	if len(validation.IsConfigMapKey(key)) == 0 {
		return nil
	}
	return invalid(ReasonInvalidKey, "%q cannot be a key of a Secret: 1 to %d characters of [-._a-zA-Z0-9], not starting with .. and not . alone; rename it with spec.data, or with rename in spec.dataFrom",
		cut(key), validation.DNS1123SubdomainMaxLength)
}

// checkSize reports content that is larger than Kubernetes stores.
func checkSize(c Content) error {
	total, largest := 0, ""
	for _, key := range slices.Sorted(maps.Keys(c.Data)) {
		total += len(key) + c.Data[key].Len()
		if largest == "" || c.Data[key].Len() > c.Data[largest].Len() {
			largest = key
		}
	}
	if total <= maxSize {
		return nil
	}
	return invalid(ReasonTooLarge, "keys and values are %d bytes, a Secret holds at most %d; the largest is key %q with %d bytes",
		total, maxSize, largest, c.Data[largest].Len())
}

// checkType reports content that the API server would refuse for its type. The rules
// are those of ValidateSecret in k8s.io/kubernetes/pkg/apis/core/validation.
func checkType(c Content) error {
	switch corev1.SecretType(c.Type) {
	case corev1.SecretTypeTLS:
		return needKeys(c, corev1.TLSCertKey, corev1.TLSPrivateKeyKey)
	case corev1.SecretTypeSSHAuth:
		if c.Data[corev1.SSHAuthPrivateKey].Len() == 0 {
			return typeKeyMissing(c, "%q, not empty", corev1.SSHAuthPrivateKey)
		}
	case corev1.SecretTypeBasicAuth:
		if !has(c, corev1.BasicAuthUsernameKey) && !has(c, corev1.BasicAuthPasswordKey) {
			return typeKeyMissing(c, "%q or %q", corev1.BasicAuthUsernameKey, corev1.BasicAuthPasswordKey)
		}
	case corev1.SecretTypeDockercfg:
		return needObject(c, corev1.DockerConfigKey)
	case corev1.SecretTypeDockerConfigJson:
		return needObject(c, corev1.DockerConfigJsonKey)
	}
	return nil
}

func has(c Content, key string) bool {
	_, ok := c.Data[key]
	return ok
}

func needKeys(c Content, keys ...string) error {
	for _, key := range keys {
		if !has(c, key) {
			return typeKeyMissing(c, "%q", key)
		}
	}
	return nil
}

func needObject(c Content, key string) error {
	var object map[string]any
	if !has(c, key) || json.Unmarshal(c.Data[key].Reveal(), &object) != nil {
		return typeKeyMissing(c, "%q, holding a JSON object", key)
	}
	return nil
}

func typeKeyMissing(c Content, format string, keys ...any) error {
	return invalid(ReasonTypeKeyMissing, "type %s needs the key %s; there is %s",
		c.Type, fmt.Sprintf(format, keys...), names(slices.Sorted(maps.Keys(c.Data))))
}

// names lists the first of some names, for messages.
func names(all []string) string {
	shown := make([]string, 0, maxNames)
	for _, name := range all[:min(len(all), maxNames)] {
		shown = append(shown, fmt.Sprintf("%q", cut(name)))
	}
	list := strings.Join(shown, ", ")
	if more := len(all) - len(shown); more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return list
}

// cut shortens a name that is too long to be shown, between two characters.
func cut(name string) string {
	if len(name) <= maxNameLength {
		return name
	}
	return strings.ToValidUTF8(name[:maxNameLength], "") + "..."
}
