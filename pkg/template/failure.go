// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/secretsync/secretsync/pkg/fault"
)

// Reasons of the errors of this package.
const (
	// ReasonTemplateInvalid: a template cannot be read. InvalidSpec.
	ReasonTemplateInvalid = "TemplateInvalid"
	// ReasonTemplateFailed: a template makes nothing of these values. InvalidContent.
	ReasonTemplateFailed = "TemplateFailed"
)

// failure is an error whose text may be shown: it holds no byte of a value.
type failure struct {
	message string
	// whole says that it is of all templates together, and of no function more than of others.
	whole bool
}

func (f *failure) Error() string { return f.message }

// refusal returns a failure. Its arguments must be names of the template and sizes, never values.
func refusal(format string, arguments ...any) error {
	return &failure{message: fmt.Sprintf(format, arguments...)}
}

// tooCostly says that the execution may cost no more.
func tooCostly() error {
	return &failure{whole: true, message: "the templates of this specification are too costly: they loop too often, or work on too much text"}
}

func tooLarge() error { return refusal("the result would be larger than %d bytes", maxResult) }

// inFunction says of an error which function it comes from. What is no failure may quote its
// input, and is told without what it says.
func inFunction(name string, err error) error {
	if f, ok := errors.AsType[*failure](err); ok && f.whole {
		return f
	}
	return refusal("%s: %s", name, messageOf(err))
}

func messageOf(err error) string {
	if f, ok := errors.AsType[*failure](err); ok {
		return f.message
	}
	return "it cannot work with what it is given"
}

func invalidSpec(format string, arguments ...any) error {
	return fault.New(fault.InvalidSpec, ReasonTemplateInvalid, format, arguments...)
}

func failed(place string, line int, message string) error {
	if line > 0 {
		place = fmt.Sprintf("%s, line %d", place, line)
	}
	return fault.New(fault.InvalidContent, ReasonTemplateFailed, "%s: %s", place, message)
}

// position starts what text/template says: the name of the template, which is ours, and the line.
var position = regexp.MustCompile("^template: " + rootName + ":([0-9]+)(:[0-9]+)?: ") //nolint:gochecknoglobals // compiled once, never changed

// lineOf returns the line that an error of text/template names, 0 for none, and what follows.
func lineOf(err error) (line int, rest string) {
	text := err.Error()
	found := position.FindStringSubmatch(text)
	if found == nil {
		return 0, strings.TrimPrefix(text, "template: ")
	}
	line, _ = strconv.Atoi(found[1])
	return line, text[len(found[0]):]
}

// unparsable tells why a template cannot be read. What the parser says quotes the template
// only, which is no secret.
func unparsable(place string, err error) error {
	line, rest := lineOf(err)
	if found := undefined.FindStringSubmatch(rest); found != nil {
		rest = fmt.Sprintf("there is no function %q", cut(found[1]))
		if why := elsewhere(found[1]); why != "" {
			rest += ": " + why
		}
	}
	if line == 0 {
		return invalidSpec("%s: %s", place, cut(rest))
	}
	return invalidSpec("%s, line %d: %s", place, line, cut(rest))
}

// What text/template says where the template names something that is not there, or takes one
// kind of value for another. Only names and types of Go are taken from it.
var (
	noEntry   = regexp.MustCompile("map has no entry for key (\"[^\"]*\")$")                                                                        //nolint:gochecknoglobals // compiled once, never changed
	noField   = regexp.MustCompile("(?:can't evaluate field|nil data; no entry for key|nil pointer evaluating [^ ]*) *\"?([A-Za-z_][A-Za-z0-9_]*)") //nolint:gochecknoglobals // compiled once, never changed
	wrongType = regexp.MustCompile("(?:wrong type for value; )?expected ([a-z0-9]+); (?:got|found) ([a-z0-9]+)$")                                   //nolint:gochecknoglobals // compiled once, never changed
	wrongNum  = regexp.MustCompile("wrong number of args for ([A-Za-z_][A-Za-z0-9_]*): want ((?:at least )?[0-9]+) got ([0-9]+)$")                  //nolint:gochecknoglobals // compiled once, never changed
)

// explain tells why a template cannot be executed.
func (p *parsed) explain(err error) error {
	line, rest := lineOf(err)
	if f, ok := errors.AsType[*failure](err); ok {
		return failed(p.Place, line, f.message)
	}
	if found := noEntry.FindStringSubmatch(rest); found != nil {
		if name, err := strconv.Unquote(found[1]); err == nil && p.says(name) {
			return failed(p.Place, line, fmt.Sprintf("there is no %q", cut(name)))
		}
	}
	if found := noField.FindStringSubmatch(rest); len(found) > 1 && p.says(found[1]) {
		return failed(p.Place, line, fmt.Sprintf("%q is asked of something that has no members: a text, a number, a list or nothing", found[1]))
	}
	if found := wrongType.FindStringSubmatch(rest); found != nil {
		return failed(p.Place, line, fmt.Sprintf("a value is of type %s where one of type %s is needed", found[2], found[1]))
	}
	if found := wrongNum.FindStringSubmatch(rest); len(found) > 1 && p.says(found[1]) {
		return failed(p.Place, line, fmt.Sprintf("%s takes %s arguments and is given %s", found[1], found[2], found[3]))
	}
	return failed(p.Place, line, "a value is not of the kind that is needed there")
}

// says reports whether the template itself says a text, so that it can be shown.
func (p *parsed) says(text string) bool {
	_, ok := p.literals[text]
	return ok
}

// shown returns a name in quotes if the template itself says it.
func (r *run) shown(name string) string {
	if _, ok := r.literals[name]; ok {
		return strconv.Quote(cut(name))
	}
	return "what is asked for (a name that is computed)"
}

// maxShown bounds what messages repeat, in bytes.
const maxShown = 200

// cut shortens a text that is too long to be shown, between two characters.
func cut(text string) string {
	if len(text) <= maxShown {
		return text
	}
	return strings.ToValidUTF8(text[:maxShown], "") + "..."
}
