// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package check owns what must be true of a value before it is written anywhere. It is pure:
// it must not read a clock, a file or the environment, and what it says of a value never has a
// byte of it, nor more than the plan says already of its length.
package check

import (
	"bytes"
	"fmt"
	"math"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// Finding is one thing that is wrong with a value.
type Finding struct {
	// Check is the rule, by the name of its field in the plan where it has one.
	Check string `json:"check"`
	// Message says what is wrong and what would help.
	Message string `json:"message"`
}

// Required reports whether a value must be there.
func Required(c *plan.Check) bool { return c == nil || c.Required == nil || *c.Required }

// Value returns what is wrong with a value that is there. c may be nil. now is when
// certificates and tokens must be good.
func Value(c *plan.Check, value sensitive.Value, now time.Time) []Finding {
	if c == nil {
		c = &plan.Check{}
	}
	text := value.Reveal()
	var found []Finding
	for _, rule := range rules() {
		if message := rule.broken(c, text, now); message != "" {
			found = append(found, Finding{Check: rule.name, Message: message})
		}
	}
	return found
}

// rule is one thing to look at: broken says how it is broken, and is empty if it is not.
type rule struct {
	name   string
	broken func(c *plan.Check, text []byte, now time.Time) string
}

func rules() []rule {
	return []rule{
		{name: "byteOrderMark", broken: func(_ *plan.Check, text []byte, _ time.Time) string { return byteOrderMark(text) }},
		{name: "allowCRLF", broken: crlf},
		{name: "allowTrailingNewline", broken: trailingNewline},
		{name: "allowPlaceholder", broken: placeholder},
		{name: "minLength", broken: tooShort},
		{name: "maxLength", broken: tooLong},
		{name: "minEntropy", broken: tooSimple},
		{name: "pattern", broken: unlike},
		{name: "format", broken: shapeless},
		{name: "notExpiredFor", broken: expired},
	}
}

func byteOrderMark(text []byte) string {
	for _, mark := range [][]byte{{0xEF, 0xBB, 0xBF}, {0xFE, 0xFF}, {0xFF, 0xFE}} {
		if bytes.HasPrefix(text, mark) {
			return "begins with a byte order mark: save it as UTF-8 without one"
		}
	}
	return ""
}

func crlf(c *plan.Check, text []byte, _ time.Time) string {
	if !c.AllowCRLF && bytes.ContainsRune(text, '\r') {
		return "has carriage returns (Windows line ends): convert it, or set allowCRLF"
	}
	return ""
}

func trailingNewline(c *plan.Check, text []byte, _ time.Time) string {
	if !c.AllowTrailingNewline && c.Format != plan.FormatPEM && bytes.HasSuffix(text, []byte("\n")) {
		return "ends with a newline: write it with printf instead of echo, or set allowTrailingNewline"
	}
	return ""
}

var (
	// unexpanded is an expression that no workflow evaluated, or a variable that no shell did.
	unexpanded = regexp.MustCompile(`\$\{\{.*\}\}|\A\$\{?[A-Za-z_][A-Za-z0-9_]*\}?\z|\A%[A-Za-z_][A-Za-z0-9_]*%\z`)
	// unfilled is what people write until they know better.
	unfilled = regexp.MustCompile(`(?i)\A(?:change[-_ ]?(?:me|it|this)|replace[-_ ]?(?:me|this)|fill[-_ ]?me(?:[-_ ]?in)?|to[-_ ]?do|tbd|fix[-_ ]?me|place[-_ ]?holder|dummy|(?:your|my|insert|enter)[-_ ][a-z0-9-_ ]*|secret|password|passwd|token|example|null|nil|none|undefined|<[a-z0-9 _.-]+>|\[redacted\]|redacted|x{3,}|\*+|\.{3,}|-+)[!.]?\z`)
)

func placeholder(c *plan.Check, text []byte, _ time.Time) string {
	if c.AllowPlaceholder {
		return ""
	}
	if unexpanded.Match(text) {
		return "holds an expression that was not expanded: where it is passed in, it must be evaluated (for a workflow: under env, not inside a script)"
	}
	if unfilled.Match(bytes.TrimSpace(text)) {
		return "looks like a placeholder: give the real value, or set allowPlaceholder"
	}
	return ""
}

func tooShort(c *plan.Check, text []byte, _ time.Time) string {
	if len(text) < c.MinLength {
		return fmt.Sprintf("is shorter than %d bytes: is it all of it?", c.MinLength)
	}
	return ""
}

func tooLong(c *plan.Check, text []byte, _ time.Time) string {
	if c.MaxLength > 0 && len(text) > c.MaxLength {
		return fmt.Sprintf("is longer than %d bytes", c.MaxLength)
	}
	return ""
}

func tooSimple(c *plan.Check, text []byte, _ time.Time) string {
	if entropy(text) < float64(c.MinEntropy) {
		return fmt.Sprintf("has less than %d bits of entropy: generate a longer one", c.MinEntropy)
	}
	return ""
}

// entropy is an estimate in bits: Shannon's, of how often each character is there. It sees
// repetition, not words.
func entropy(text []byte) float64 {
	counts, total := map[rune]int{}, 0
	for rest := text; len(rest) > 0; total++ {
		r, size := utf8.DecodeRune(rest)
		counts[r]++
		rest = rest[size:]
	}
	bits := 0.0
	for _, n := range counts {
		bits -= float64(n) * math.Log2(float64(n)/float64(total))
	}
	return bits
}

func unlike(c *plan.Check, text []byte, _ time.Time) string {
	if c.Pattern == "" {
		return ""
	}
	pattern, err := regexp.Compile(`\A(?:` + c.Pattern + `)\z`)
	if err != nil {
		return "cannot be compared: the pattern is no regular expression"
	}
	if !pattern.Match(text) {
		return "does not match the pattern " + strings.ToValidUTF8(c.Pattern, "?")
	}
	return ""
}
