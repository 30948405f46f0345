// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"io"
	"strings"

	"k8s.io/cli-runtime/pkg/printers"
)

// escaped passes text on with the characters that command a terminal made visible: whoever
// may annotate a SecretSync must not write on the screen of whoever looks at it.
type escaped struct{ to io.Writer }

// Write writes all of p, which must end with a whole line or character, as prints do.
func (e escaped) Write(p []byte) (int, error) {
	if err := printers.WriteEscaped(e.to, string(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// cell is text that stays within one cell of a table.
func cell(text string) string {
	return strings.NewReplacer("\n", "\\n", "\t", " ", "\f", " ", "\v", " ").Replace(text)
}
