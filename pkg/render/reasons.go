// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"fmt"

	"github.com/secretsync/secretsync/pkg/fault"
)

// Reasons of the errors of this package. All are InvalidContent, except NoSource, InvalidRule
// and VersionUnsupported, which are InvalidSpec.
const (
	// ReasonNoSource: the specification names nothing to read.
	ReasonNoSource = "NoSource"
	// ReasonVersionUnsupported: the version of an entry is pinned, and only values have some.
	ReasonVersionUnsupported = "VersionUnsupported"
	// ReasonEntryEmpty: the entry exists and has no field.
	ReasonEntryEmpty = "EntryEmpty"
	// ReasonFieldNotFound: the entry does not have the field.
	ReasonFieldNotFound = "FieldNotFound"
	// ReasonInvalidPointer: the JSON pointer is not one.
	ReasonInvalidPointer = "InvalidPointer"
	// ReasonPointerNotFound: the JSON pointer leads nowhere in the field's value.
	ReasonPointerNotFound = "PointerNotFound"
	// ReasonNullValue: the value is null, which no Secret can hold.
	ReasonNullValue = "NullValue"
	// ReasonInvalidValue: the value is not JSON, or not a text that can be kept unchanged.
	ReasonInvalidValue = "InvalidValue"
	// ReasonInvalidBase64: the value is to be decoded and is not Base64.
	ReasonInvalidBase64 = "InvalidBase64"
	// ReasonInvalidKey: the name of a field is no key of a Secret.
	ReasonInvalidKey = "InvalidKey"
	// ReasonInvalidRule: an expression or a rule of dataFrom is none.
	ReasonInvalidRule = "InvalidRule"
	// ReasonTooComplex: to match so many names by such expressions takes too long.
	ReasonTooComplex = "TooComplex"
	// ReasonNothingFound: a folder holds no entry that is looked for.
	ReasonNothingFound = "NothingFound"
	// ReasonNothingTaken: include and exclude leave no field, or templates make no key.
	ReasonNothingTaken = "NothingTaken"
	// ReasonDuplicateKey: two fields that dataFrom takes have the same key.
	ReasonDuplicateKey = "DuplicateKey"
	// ReasonTooLarge: the Secret would be larger than Kubernetes accepts.
	ReasonTooLarge = "TooLarge"
	// ReasonTypeKeyMissing: the type of the Secret needs a key that is not there, or not as it must be.
	ReasonTypeKeyMissing = "TypeKeyMissing"
	// ReasonInvalidShape: what templates made does not have the shape that the type of the Secret asks for.
	ReasonInvalidShape = "InvalidShape"
)

// invalid returns an InvalidContent. Its arguments must be names and sizes, never values.
func invalid(reason, format string, args ...any) *fault.Error {
	return fault.New(fault.InvalidContent, reason, format, args...)
}

// within returns err with the place it is about in front of its message.
func within(err error, format string, args ...any) error {
	e := fault.As(err)
	if e == nil {
		return fmt.Errorf(format+": %w", append(args, err)...)
	}
	return fault.New(e.Class, e.Reason, "%s: %s", fmt.Sprintf(format, args...), e.Message)
}
