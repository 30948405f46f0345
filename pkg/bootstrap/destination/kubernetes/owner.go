// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/secretsync/secretsync/pkg/bootstrap/destination"
)

const (
	group = "bootstrap.secretsync.io"
	// LabelManaged marks, with the value true, each Secret that the bootstrap helper wrote to.
	LabelManaged = group + "/managed"
	// annotationOwner, with the key behind it, says who wrote a key.
	annotationOwner = group + "/owner."
	// FieldManager is the beginning of the name under which a key is written; the key follows.
	FieldManager = "secretsync-bootstrap:"
)

// note is what an annotation holds: a key, whose name the annotation may have to shorten, and
// the record of who wrote it.
type note struct {
	Key   string          `json:"key"`
	Owner json.RawMessage `json:"owner"`
}

// noteText returns the annotation's text.
func noteText(key string, owner destination.Owner) string {
	text, err := json.Marshal(note{Key: key, Owner: json.RawMessage(owner.Record())})
	if err != nil { // Both parts always encode.
		return ""
	}
	return string(text)
}

// notes returns who is recorded for which key.
func notes(secret *corev1.Secret) map[string]destination.Owner {
	owners := map[string]destination.Owner{}
	for name, text := range secret.Annotations {
		var n note
		if !strings.HasPrefix(name, annotationOwner) || json.Unmarshal([]byte(text), &n) != nil || annotation(n.Key) != name {
			continue
		}
		if owner := destination.ParseRecord(string(n.Owner)); !owner.IsZero() {
			owners[n.Key] = owner
		}
	}
	return owners
}

// annotation returns the name of the annotation for a key. A key that is too long or odd for
// one is hashed.
func annotation(key string) string {
	if name := annotationOwner + key; len(validation.IsQualifiedName(name)) == 0 {
		return name
	}
	return annotationOwner + hashed(key)
}

// manager returns the field manager for a key; the API server takes 128 bytes.
func manager(key string) string {
	const longest = 128
	if name := FieldManager + key; len(name) <= longest {
		return name
	}
	return FieldManager + hashed(key)
}

func hashed(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])[:32]
}
