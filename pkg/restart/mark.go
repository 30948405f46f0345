// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package restart

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

const (
	keyPrefix = v1alpha1.GroupName + "/restart-"
	// maxName bounds what follows the prefix's slash, see
	// https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/.
	maxName = 63 - len("restart-")
	// cutName leaves room for a dash and a digest of what was cut off.
	cutName = maxName - 17
)

// Key returns the annotation of Pod templates that tells what content of a SecretSync they
// run with. A long name is cut, and told from others by a digest.
func Key(name string) string {
	if len(name) <= maxName {
		return keyPrefix + name
	}
	sum := sha256.Sum256([]byte(name))
	return keyPrefix + name[:cutName] + "-" + hex.EncodeToString(sum[:8])
}

// illSuffix ends the mark of a workload that was not well when it was restarted, so that
// whoever comes next knows that the content is not why.
const illSuffix = "-ill"

// wasIll reports whether a text marks a workload that was not well when it was restarted.
func wasIll(text string) bool { return strings.HasSuffix(text, illSuffix) }

// Mark is the value of that annotation: a revision and a keyed digest of its content. It
// tells no time, so that whoever writes it writes the same.
type Mark struct {
	// Revision that is rolled out.
	Revision int64
	// Contents are digests of what it holds: the one that is written, and others under which
	// the same may have been written before.
	Contents []string
}

// Text returns the mark as it is written.
func (m Mark) Text() string {
	text := strconv.FormatInt(m.Revision, 10)
	if len(m.Contents) > 0 {
		text += "-" + m.Contents[0]
	}
	return text
}

// Covers reports whether a text marks the same content: the number of a revision stands for
// one content only, and another number may stand for the same.
func (m Mark) Covers(text string) bool {
	number, content, _ := strings.Cut(strings.TrimSuffix(text, illSuffix), "-")
	return number == strconv.FormatInt(m.Revision, 10) || content != "" && slices.Contains(m.Contents, content)
}
