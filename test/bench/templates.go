// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	texttemplate "text/template"
	"time"

	"github.com/secretsync/secretsync/pkg/sensitive"
	"github.com/secretsync/secretsync/pkg/template"
	"github.com/secretsync/secretsync/test/bench/measure"
)

const (
	// templatesCommand is the first argument with which this program renders templates: a process
	// of its own, so that what it takes and holds can be told.
	templatesCommand = "templates"
	// templateTarget is the least number of typical templates that are read and rendered within a
	// second of processor time.
	templateTarget = 1000
	// dsnTemplate is the one that bare text/template renders, too.
	dsnTemplate = "postgres://{{ .user | urlquery }}:{{ .password | urlquery }}@{{ .host }}/app"
)

// typicalTemplates are those of the guide that most people need.
func typicalTemplates() []string {
	return []string{
		dsnTemplate,
		`{{ dockerConfig "registry.example" .user .password }}`,
		`{{ dict "database" (dict "user" .user "password" .password "port" (dig "port" "5432" . | int)) | toPrettyJson }}`,
		`{{ toDotenv . }}`,
		"[database]\n{{ range $key, $value := . }}{{ $key }} = {{ $value | quote }}\n{{ end }}",
	}
}

// rendered is what a process found that rendered templates.
type rendered struct {
	// Typical, DSN and Bare are templates read and rendered in a second of processor time: of the
	// typical ones, of the first of them, and of that by text/template alone.
	Typical float64 `json:"typical"`
	DSN     float64 `json:"dsn"`
	Bare    float64 `json:"bare"`
	// Held is what the process holds after each tenth of the changes.
	Held []footprint `json:"held"`
}

// renderTemplates renders, each time from the text on, as after each change of a template or a
// value, and prints what it found as JSON.
func renderTemplates(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet(templatesCommand, flag.ContinueOnError)
	changes := flags.Int("changes", 0, "how many templates to render, each another one")
	if err := flags.Parse(args[1:]); err != nil {
		return fmt.Errorf("parsing the flags: %w", err)
	}
	var found rendered
	var err error
	typical := typicalTemplates()
	if found.Typical, err = rate(*changes, func(i int) error { return renderOnce(typical[i%len(typical)]) }); err != nil {
		return err
	}
	if found.DSN, err = rate(*changes, func(int) error { return renderOnce(dsnTemplate) }); err != nil {
		return err
	}
	if found.Bare, err = rate(*changes, renderBare); err != nil {
		return err
	}
	for done := 1; done <= *changes; done++ {
		if err := renderOnce(fmt.Sprintf("# change %d\n%s", done, typical[done%len(typical)])); err != nil {
			return err
		}
		if done%(*changes/loginLooks) == 0 {
			now, err := look(ctx, done)
			if err != nil {
				return err
			}
			found.Held = append(found.Held, now)
		}
	}
	return json.NewEncoder(os.Stdout).Encode(found) //nolint:wrapcheck // nothing to add
}

// rate does something n times, and returns how often it is done in a second of processor time.
func rate(n int, do func(i int) error) (float64, error) {
	begin, err := measure.CPU(os.Getpid())
	if err != nil {
		return 0, fmt.Errorf("looking at this process: %w", err)
	}
	for i := range n {
		if err := do(i); err != nil {
			return 0, err
		}
	}
	end, err := measure.CPU(os.Getpid())
	if err != nil {
		return 0, fmt.Errorf("looking at this process: %w", err)
	}
	return float64(n) / max(end-begin, 10*time.Millisecond).Seconds(), nil
}

func templateValues() map[string]string {
	return map[string]string{"user": "app", "password": "p@ss word", "host": "db.payments", "extra": "value"}
}

func renderOnce(text string) error {
	set, err := template.Parse([]template.Text{{Place: "bench", Key: "key", Text: text}})
	if err != nil {
		return err //nolint:wrapcheck // classed and complete
	}
	values := map[string]sensitive.Value{}
	for key, value := range templateValues() {
		values[key] = sensitive.FromString(value)
	}
	_, err = set.Render(template.Names{Namespace: "bench", Name: "bench", Target: "bench"}, values)
	return err //nolint:wrapcheck // classed and complete
}

func renderBare(int) error {
	t, err := texttemplate.New("t").Parse(dsnTemplate)
	if err != nil {
		return fmt.Errorf("reading a template: %w", err)
	}
	var output bytes.Buffer
	if err := t.Execute(&output, templateValues()); err != nil {
		return fmt.Errorf("rendering a template: %w", err)
	}
	return nil
}

var errTemplates = errors.New("the templates were not those to measure")

// templates measures how fast templates are rendered, and what changing them leaves behind.
func templates(ctx context.Context, s *suite) error {
	executable, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding this program: %w", err)
	}
	changes := loginLooks * s.sizes(1000)[0]
	child := exec.CommandContext(ctx, executable, templatesCommand, "-changes", fmt.Sprint(changes))
	child.Stderr = os.Stderr
	output, err := child.Output()
	if err != nil {
		return fmt.Errorf("rendering: %w", err)
	}
	var found rendered
	if err := json.Unmarshal(output, &found); err != nil {
		return fmt.Errorf("reading what was rendered: %w", err)
	}
	if len(found.Held) != loginLooks {
		return fmt.Errorf("%w: %d looks, want %d", errTemplates, len(found.Held), loginLooks)
	}
	s.add(measure.Row{
		What:     fmt.Sprintf("%d typical templates, read and rendered", changes),
		Measured: fmt.Sprintf("%.0f/s and core", found.Typical), Target: fmt.Sprintf(">= %d/s", templateTarget),
		Verdict: measure.Judge(found.Typical >= templateTarget),
	})
	s.add(measure.Row{
		What: "the same, a connection string alone", Measured: fmt.Sprintf("%.0f/s and core", found.DSN),
		Limit: fmt.Sprintf("%.0f/s (text/template)", found.Bare), Ratio: fmt.Sprintf("%.2f", found.DSN/found.Bare),
	})
	s.judgeTemplates(found.Held)
	return nil
}

func (s *suite) judgeTemplates(held []footprint) {
	first, last := held[0], held[len(held)-1]
	for _, row := range []struct {
		what        string
		first, last int64
	}{
		{fmt.Sprintf("%d changes of templates: heap after a collection", last.Logins), first.Heap, last.Heap},
		{"the same, RssAnon then", first.Resident, last.Resident},
	} {
		ratio := float64(row.last) / float64(row.first)
		s.add(measure.Row{
			What: row.what, Measured: mib(row.last), Limit: mib(row.first) + fmt.Sprintf(" (after %d)", first.Logins), Ratio: fmt.Sprintf("%.2f", ratio),
			Target: fmt.Sprintf("<= %.2f", loginTarget), Verdict: measure.Judge(ratio <= loginTarget),
		})
	}
}
