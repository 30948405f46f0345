// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package tfvars owns the files of Terraform variables that are there while a command runs.
// Whoever can may give Terraform its variables through the environment instead: a file is on a
// disk. The package must not leave one behind, nor write over one that it did not make.
package tfvars

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"unicode/utf8"

	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// Reasons of the errors.
const (
	// ReasonExists: something is at the file's place. A NotOwned.
	ReasonExists = "FileExists"
	// ReasonNotText: a value is no text, which JSON cannot hold. An InvalidContent.
	ReasonNotText = "NotText"
	// ReasonNotWritten: the file cannot be written. A Rejected.
	ReasonNotWritten = "FileNotWritten"
)

// Write makes a file of variables (*.tfvars.json) that nobody but its owner may read, and
// returns what removes it again, once. Nothing is left of one that cannot be written whole.
func Write(path string, variables map[string]sensitive.Value) (remove func() error, err error) {
	texts := make(map[string]string, len(variables))
	for name, value := range variables {
		if !utf8.Valid(value.Reveal()) {
			return nil, fault.New(fault.InvalidContent, ReasonNotText, "variable %s for %s is no UTF-8 text: encode it as base64", name, path)
		}
		texts[name] = string(value.Reveal())
	}
	content, err := json.Marshal(texts)
	if err != nil { // Texts always encode.
		return nil, fault.New(fault.InvalidContent, ReasonNotText, "the variables for %s cannot be encoded", path)
	}
	// O_EXCL refuses what is there, a symbolic link too.
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // the plan names the file
	if errors.Is(err, fs.ErrExist) {
		return nil, fault.New(fault.NotOwned, ReasonExists, "%s exists: name another file in the plan, or remove that one if a run that was killed left it", path)
	}
	if err != nil {
		return nil, fault.New(fault.Rejected, ReasonNotWritten, "%s cannot be made", path).Because(err)
	}
	remove = sync.OnceValue(func() error { return removeFile(path) })
	_, err = file.Write(content)
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, errors.Join(fault.New(fault.Rejected, ReasonNotWritten, "%s cannot be written", path).Because(err), remove())
	}
	return remove, nil
}

func removeFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("REMOVE IT BY HAND, it holds secrets: %w", err)
	}
	return nil
}
