// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"context"
	"fmt"

	"github.com/secretsync/secretsync/pkg/bootstrap/source"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// Maker makes a value that comes from no source.
type Maker func(ctx context.Context) (sensitive.Value, error)

// Issuer is a Maker's other half, for a credential that a server issues.
type Issuer interface {
	// Issue makes a new one; the old ones stay good.
	Issue(ctx context.Context) (sensitive.Value, error)
	// Revoke ends an old one; that there is no such one is no error.
	Revoke(ctx context.Context, old sensitive.Value) error
}

// Values knows every value of a run by name. The zero value knows none.
type Values struct {
	known     map[string]sensitive.Value
	makers    map[string]Maker
	templates map[string]string
	pending   map[string]string
	refused   map[string]string
	fresh     map[string]bool
}

// NewValues returns an empty collection.
func NewValues() *Values {
	return &Values{
		known: map[string]sensitive.Value{}, makers: map[string]Maker{},
		templates: map[string]string{}, pending: map[string]string{},
		refused: map[string]string{}, fresh: map[string]bool{},
	}
}

// Set tells a value.
func (v *Values) Set(name string, value sensitive.Value) {
	v.known[name] = value
	delete(v.pending, name)
}

// SetMaker tells how a value is made if no place has it.
func (v *Values) SetMaker(name string, maker Maker) { v.makers[name] = maker }

// SetTemplate tells what a value is made of.
func (v *Values) SetTemplate(name, template string) { v.templates[name] = template }

// Refuse tells why a value must not be where it is declared to be, nor what is made of it.
func (v *Values) Refuse(name, why string) { v.refused[name] = why }

// forget has a value made anew that has a maker.
func (v *Values) forget(name string) {
	delete(v.known, name)
	delete(v.pending, name)
}

// setPending tells what a value waits for.
func (v *Values) setPending(name, because string) { v.pending[name] = because }

// Want returns what is known of a value.
func (v *Values) Want(name string) Want {
	want := v.knowledge(name)
	if why := v.refused[name]; why != "" {
		want.Refused = why
	}
	return want
}

// knowledge returns the same but for what is refused under its own name.
func (v *Values) knowledge(name string) Want {
	if value, ok := v.known[name]; ok {
		return Want{State: Known, Value: value}
	}
	if because, ok := v.pending[name]; ok {
		return Want{State: Pending, Because: because}
	}
	if _, ok := v.makers[name]; ok {
		return Want{State: ToBeMade}
	}
	if template, ok := v.templates[name]; ok {
		return v.made(template)
	}
	return Want{State: Absent}
}

// made returns what is known of a template: as much as of that of its parts of which least is
// known.
func (v *Values) made(template string) Want {
	worst, refused := Want{State: Known}, ""
	value, _, err := source.Render(template, func(name string) (sensitive.Value, bool) {
		part := v.Want(name)
		if part.State > worst.State {
			worst = part
		}
		if part.Refused != "" {
			refused = "it is made of value " + name + ", which is refused: " + part.Refused
		}
		return part.Value, true
	})
	worst.Refused = refused
	if err == nil && worst.State == Known {
		worst.Value = value
	}
	return worst
}

// get returns a value, which is made if there is none yet.
func (v *Values) get(ctx context.Context, name string) (sensitive.Value, error) {
	if want := v.Want(name); want.State == Known {
		return want.Value, nil
	}
	if _, ok := v.makers[name]; !ok {
		return sensitive.Value{}, fmt.Errorf("value %s: %w", name, errNotMade)
	}
	if err := v.renew(ctx, name); err != nil {
		return sensitive.Value{}, err
	}
	return v.known[name], nil
}

// renew makes a value, whether there is one or not.
func (v *Values) renew(ctx context.Context, name string) error {
	value, err := v.makers[name](ctx)
	if err != nil {
		return fmt.Errorf("making value %s: %w", name, err)
	}
	v.Set(name, value)
	v.fresh[name] = true
	return nil
}
