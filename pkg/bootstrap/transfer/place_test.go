// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package transfer_test

import (
	"context"
	"strconv"

	"github.com/secretsync/secretsync/pkg/bootstrap/destination"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// place is one in memory, with check-and-set.
type place struct {
	name    string
	state   destination.State
	version int
	writes  int
	down    bool
	// failNext fails the next write; afterwards writes it all the same.
	failNext fault.Class
	// moved stands for another writer between the look and the write.
	moved bool
}

var _ destination.Removable = &place{}

func (p *place) Describe() string { return p.name }

func (p *place) Observe(context.Context) (destination.State, error) {
	if p.down {
		return destination.State{}, fault.New(fault.Unavailable, "Down", "%s is down", p.name)
	}
	return p.state, nil
}

func (p *place) Write(_ context.Context, value sensitive.Value, observed destination.State, owner destination.Owner) error {
	if p.moved {
		p.moved = false
		p.hold("of another writer")
	}
	if class := p.failNext; class != "" {
		p.failNext = ""
		return fault.New(class, "Failed", "%s fails", p.name)
	}
	if observed.Version != p.state.Version {
		return fault.New(fault.Conflict, "Changed", "%s was changed", p.name)
	}
	p.writes++
	p.hold(string(value.Reveal()))
	p.state.Owner = owner
	return nil
}

func (p *place) Remove(context.Context, destination.State) error {
	if class := p.failNext; class != "" {
		p.failNext = ""
		return fault.New(class, "Failed", "%s fails", p.name)
	}
	p.state = destination.State{}
	return nil
}

// hold puts a value there, as nobody.
func (p *place) hold(text string) {
	p.version++
	p.state = destination.State{Exists: true, Readable: true, Value: sensitive.FromString(text), Version: strconv.Itoa(p.version)}
}

// holds returns the value, empty if there is none.
func (p *place) holds() string { return string(p.state.Value.Reveal()) }
