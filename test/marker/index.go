// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package marker

import (
	"iter"
	"strings"
)

// shortest is how long a value is at least, and so each of its forms.
const shortest = 8

// form is a text that a marker can show as.
type form struct{ marker, encoding, text string }

// index is the forms by their first bytes, so that a text is read once for all of them: a test
// has thousands of forms and gathers dozens of megabytes.
type index map[[shortest]byte][]form

func indexOf(forms map[string]map[string]string) index {
	x := index{}
	for marker, encodings := range forms {
		for encoding, text := range encodings {
			begin := [shortest]byte([]byte(text))
			x[begin] = append(x[begin], form{marker, encoding, text})
		}
	}
	return x
}

// in returns the forms that a text has, and where.
func (x index) in(text string) iter.Seq2[int, form] {
	return func(yield func(int, form) bool) {
		for at := 0; at+shortest <= len(text); at++ {
			for _, f := range x[[shortest]byte([]byte(text[at:at+shortest]))] {
				if strings.HasPrefix(text[at:], f.text) && !yield(at, f) {
					return
				}
			}
		}
	}
}
