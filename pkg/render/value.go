// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"bytes"
	"encoding/base64"
	"encoding/json"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// plainValue returns the bytes that a field's JSON text stands for.
func plainValue(text sensitive.Value) (sensitive.Value, error) {
	node, err := parse(text.Reveal())
	if err != nil {
		return sensitive.Value{}, err
	}
	return nodeValue(node)
}

// fieldValue returns the bytes that item makes of a field's JSON text: first the
// pointer, then the decoding.
func fieldValue(text sensitive.Value, item *v1alpha1.DataItem) (sensitive.Value, error) {
	node, err := parse(text.Reveal())
	if err != nil {
		return sensitive.Value{}, err
	}
	if item.From.JSONPointer != "" {
		if node, err = enter(node, item.From.JSONPointer); err != nil {
			return sensitive.Value{}, err
		}
	}
	if item.Decode == v1alpha1.DecodeBase64 && node != nil {
		return decodeBase64(node)
	}
	return nodeValue(node)
}

// nodeValue returns texts as they are, numbers with their digits, booleans as true and
// false, lists and objects as canonical JSON.
func nodeValue(node any) (sensitive.Value, error) {
	switch n := node.(type) {
	case nil:
		return sensitive.Value{}, invalid(ReasonNullValue, "the value is null, which a Secret cannot hold; an empty text is a value")
	case string:
		return sensitive.FromString(n), nil
	case json.Number:
		return sensitive.FromString(n.String()), nil
	default:
		return sensitive.New(appendCanonical(nil, node)), nil
	}
}

// decodeBase64 decodes a text in the standard or the URL-safe alphabet, padded or not.
// White space is skipped, because command-line tools break the lines they encode.
func decodeBase64(node any) (sensitive.Value, error) {
	text, ok := node.(string)
	if !ok {
		return sensitive.Value{}, invalid(ReasonInvalidBase64, "decode: Base64 needs a text, the value is %s", kindOf(node))
	}
	encoded := bytes.Join(bytes.Fields([]byte(text)), nil)
	encoding := base64.StdEncoding
	if bytes.ContainsAny(encoded, "-_") {
		encoding = base64.URLEncoding
	}
	if !bytes.HasSuffix(encoded, []byte{'='}) {
		encoding = encoding.WithPadding(base64.NoPadding)
	}
	decoded := make([]byte, encoding.DecodedLen(len(encoded)))
	n, err := encoding.Decode(decoded, encoded)
	if err != nil {
		return sensitive.Value{}, invalid(ReasonInvalidBase64, "decode: Base64 is asked for, but the value is not Base64 (standard or URL-safe alphabet, padded or not)")
	}
	return sensitive.New(decoded[:n]), nil
}
