// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"

	"github.com/hashicorp/vault/api"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// texts returns what the answer says in errors and warnings.
func (a *answer) texts() []string {
	var said struct {
		Errors   []string `json:"errors"`
		Warnings []string `json:"warnings"`
	}
	if json.Unmarshal(a.Body, &said) != nil {
		return nil
	}
	return append(said.Errors, said.Warnings...)
}

// decode reads the answer into target. The error carries none of its text.
func (a *answer) decode(target any) error {
	switch {
	case a.TooLarge():
		return unreadable("it is larger than 4 MiB")
	case json.Unmarshal(a.Body, target) != nil:
		return unreadable("it is not the JSON that was expected")
	}
	return nil
}

// secret returns the answer in Vault's general form.
func (a *answer) secret() (*api.Secret, error) {
	if a.TooLarge() {
		return nil, unreadable("it is larger than 4 MiB")
	}
	secret, err := api.ParseSecret(bytes.NewReader(a.Body))
	if err != nil || secret == nil {
		return nil, unreadable("it is not the JSON that was expected")
	}
	return secret, nil
}

// kv2Answer is the answer of a version 2 engine to a read of data.
type kv2Answer struct {
	Data *struct {
		Data     map[string]json.RawMessage `json:"data"`
		Metadata *kv2Metadata               `json:"metadata"`
	} `json:"data"`
}

// kv2Metadata describes one version. Its deletion_time may lie in the future
// (delete_version_after), so it alone does not mean that the version is deleted.
type kv2Metadata struct {
	CreatedTime  string `json:"created_time"`
	DeletionTime string `json:"deletion_time"`
	Destroyed    bool   `json:"destroyed"`
	Version      int64  `json:"version"`
	// CustomMetadata is null for an entry without.
	CustomMetadata map[string]string `json:"custom_metadata"`
}

// deleted reports whether the version is soft-deleted at that time.
func (m *kv2Metadata) deleted(now time.Time) bool {
	at, err := time.Parse(time.RFC3339Nano, m.DeletionTime)
	return err == nil && !at.After(now)
}

// kv1Answer is the answer of a version 1 engine to a read.
type kv1Answer struct {
	Data map[string]json.RawMessage `json:"data"`
}

// kv2Entry returns the entry that a version 2 engine answered with.
func (a *answer) kv2Entry() (backend.Entry, error) {
	var said kv2Answer
	if err := a.decode(&said); err != nil {
		return backend.Entry{}, err
	}
	if said.Data == nil || said.Data.Data == nil || said.Data.Metadata == nil {
		return backend.Entry{}, unreadable("data or its metadata is missing")
	}
	meta := said.Data.Metadata
	created, err := time.Parse(time.RFC3339Nano, meta.CreatedTime)
	if err != nil || meta.Version < 1 {
		return backend.Entry{}, unreadable("the version or its time is missing")
	}
	return backend.Entry{
		Fields:      fields(said.Data.Data),
		Version:     strconv.FormatInt(meta.Version, 10),
		VersionTime: created,
	}, nil
}

// kv1Entry returns the entry that a version 1 engine answered with.
func (a *answer) kv1Entry() (backend.Entry, error) {
	var said kv1Answer
	if err := a.decode(&said); err != nil {
		return backend.Entry{}, err
	}
	if said.Data == nil {
		return backend.Entry{}, unreadable("data is missing")
	}
	return backend.Entry{Fields: fields(said.Data)}, nil
}

func fields(raw map[string]json.RawMessage) map[string]sensitive.Value {
	out := make(map[string]sensitive.Value, len(raw))
	for name, text := range raw {
		out[name] = sensitive.New(text)
	}
	return out
}
