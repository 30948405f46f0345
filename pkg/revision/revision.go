// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package revision owns what a revision is: its name, its keyed digest and its MAC, and
// the decision which revision to record and to serve. It is pure: no client, no clock,
// no log, no randomness.
package revision

import (
	"strconv"
	"strings"
)

// ID names one revision of one SecretSync.
type ID struct {
	// Namespace and Name are those of the SecretSync.
	Namespace, Name string
	// Number of the revision, from 1; numbers only grow and are never used twice.
	Number int64
}

// MaxNumber is the highest number there is: more revisions than anybody makes, and few
// enough digits that the longest name of a SecretSync (240 characters) and a number make
// the name of a Secret. A higher one, which only a forger writes, is not believed.
const MaxNumber = 99_999_999_999

// SecretName returns the name of the Secret that keeps the revision.
func (id ID) SecretName() string { return id.Name + ".r" + strconv.FormatInt(id.Number, 10) }

// ParseSecretName returns the name of the SecretSync and the number that name, the name
// of a revision's Secret, is made of; ok is false if it is not made that way.
func ParseSecretName(name string) (syncName string, number int64, ok bool) {
	dot := strings.LastIndex(name, ".r")
	if dot < 1 {
		return "", 0, false
	}
	digits := name[dot+2:]
	number, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || number < 1 || number > MaxNumber || strconv.FormatInt(number, 10) != digits {
		return "", 0, false
	}
	return name[:dot], number, true
}
