// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package pages

import "strings"

// Words splits a command line as a shell does, without replacing anything in it: quotes hold
// words together, and a comment, a pipe or a redirection ends the command.
func Words(line string) []string {
	var words []string
	var word strings.Builder
	var quote rune
	inWord := false
	end := func() {
		if inWord {
			words = append(words, word.String())
		}
		word.Reset()
		inWord = false
	}
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			quote, inWord = r, true
		case r == ' ' || r == '\t' || r == '\n':
			end()
		case strings.ContainsRune("#|<>", r) && !inWord:
			return words
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	end()
	return words
}
