// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"

	"github.com/secretsync/secretsync/pkg/fault"
)

// RE2 takes time that grows with the text only, but as many steps for each of its bytes as the
// expression is long when its repetitions are written out: one of 250 characters took 79 s for a
// text of 4,000. Whoever may write a SecretSync must not keep all others waiting by that. A step
// takes some 20 ns at worst.
const (
	// maxSteps bounds one expression. [a-z]{1,253} has some 500.
	maxSteps = 1000
	// maxExpressions bounds all expressions of a specification: they are kept in memory.
	maxExpressions = 10_000
	// maxEffort bounds what one rendering takes, in steps: 1.3 s at worst.
	maxEffort = 1 << 26
	// maxFindEffort bounds what one look at the names in a folder takes: 40 ms at worst, while
	// which the poller does nothing else; maxFieldEffort what one at the name of a field does.
	maxFindEffort  = 1 << 21
	maxFieldEffort = 1 << 12
)

// expression is a regular expression of a specification, and how many steps it takes for a byte.
type expression struct {
	*regexp.Regexp

	steps int
}

// wholeNames compiles expressions that match whole names.
func wholeNames(field string, texts []string) ([]expression, error) {
	var expressions []expression
	for i, text := range texts {
		expression, err := whole(fmt.Sprintf("%s[%d]", field, i), text)
		if err != nil {
			return nil, err
		}
		expressions = append(expressions, expression)
	}
	return expressions, nil
}

// whole compiles an expression that matches a whole name.
func whole(field, text string) (expression, error) {
	if _, err := compile(field, text); err != nil {
		return expression{}, err // By itself, as in `a)(b`, though between parentheses it would be one.
	}
	return compile(field, `\A(?:`+text+`)\z`)
}

// compile compiles an expression. Errors: InvalidSpec, naming the field of the specification.
func compile(field, text string) (expression, error) {
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return expression{}, noExpression(field, text, err)
	}
	steps := stepsOf(parsed)
	if steps > maxSteps {
		return expression{}, fault.New(fault.InvalidSpec, ReasonInvalidRule,
			"%s: %q is too long with its repetitions written out: %d steps, where %d are allowed; repeat less, as with * in place of {1000}", field, cut(text), steps, maxSteps)
	}
	compiled, err := regexp.Compile(text)
	if err != nil {
		return expression{}, noExpression(field, text, err)
	}
	return expression{compiled, steps}, nil
}

func noExpression(field, text string, err error) error {
	why := "it cannot be compiled"
	if wrong, ok := errors.AsType[*syntax.Error](err); ok {
		why = wrong.Code.String()
	}
	return fault.New(fault.InvalidSpec, ReasonInvalidRule, "%s: %q is not a regular expression (RE2): %s", field, cut(text), why)
}

// stepsOf counts how long an expression is when its repetitions are written out, which is not
// done for that.
func stepsOf(re *syntax.Regexp) int {
	steps := 1
	if re.Op == syntax.OpLiteral {
		steps = len(re.Rune)
	}
	for _, sub := range re.Sub {
		steps += stepsOf(sub)
	}
	if re.Op == syntax.OpRepeat {
		steps *= max(re.Min, re.Max, 1)
	}
	return steps
}

// effort is how many steps a rendering took.
type effort int

// add counts the steps for so many bytes. Errors: InvalidContent.
func (e *effort) add(size, steps int) error {
	*e += effort(size * steps)
	if *e <= maxEffort {
		return nil
	}
	return invalid(ReasonTooComplex, "the expressions of include, exclude and rename take too long for so many and so long names: use fewer and simpler ones, or name the fields in spec.data")
}
