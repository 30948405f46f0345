// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"unicode/utf8"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/bootstrap/destination"
	"github.com/secretsync/secretsync/pkg/bootstrap/destination/login"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

const (
	// notePrefix, with the field behind it, names the custom metadata that says who wrote it.
	notePrefix = "secretsync-bootstrap."
	// Vault keeps at most that many bytes of custom metadata: of a name, and of a text.
	longestName, longestText = 128, 512
)

// Place is one field of one KV entry.
type Place struct {
	// Mount is where the KV engine lives, Path the entry's in it, Field the field's name.
	Mount, Path, Field string
}

// String names the place for people.
func (p Place) String() string { return fmt.Sprintf("vault %s/%s field %s", p.Mount, p.Path, p.Field) }

// field is a Place in its Vault.
type field struct {
	Place

	client *Client
	mount  backend.Writer
	ref    backend.EntryRef
}

var _ destination.Removable = &field{}

// Field returns the place as a destination. Errors: InvalidSpec.
func (c *Client) Field(place Place) (destination.Removable, error) {
	ref, err := backend.ParseRef(place.Path, "")
	if err != nil {
		return nil, err
	}
	if ref.IsRoot() {
		return nil, fault.New(fault.InvalidSpec, "InvalidPath", "%s: the path of an entry is missing", place)
	}
	if place.Field == "" || len(notePrefix+place.Field) > longestName {
		return nil, fault.New(fault.InvalidSpec, "InvalidField", "%s: the name of a field has 1 to %d bytes", place, longestName-len(notePrefix))
	}
	mount, err := c.mount(place.Mount)
	if err != nil {
		return nil, err
	}
	return &field{Place: place, client: c, mount: mount, ref: ref}, nil
}

// Describe names the field and its Vault.
func (f *field) Describe() string { return f.String() + " at " + f.client.address }

// Observe reads the entry.
func (f *field) Observe(ctx context.Context) (destination.State, error) {
	held, err := f.inspect(ctx)
	if err != nil {
		return destination.State{}, err
	}
	return f.state(held), nil
}

func (f *field) inspect(ctx context.Context) (backend.Held, error) {
	held, err := f.mount.Inspect(ctx, f.ref)
	if err != nil {
		return backend.Held{}, f.fault(ctx, err)
	}
	return held, nil
}

// state returns what an entry says of the field. A null counts as nothing, because nothing
// can be served of it.
func (f *field) state(held backend.Held) destination.State {
	state := destination.State{Readable: true, Version: held.Position}
	text, exists := held.Fields[f.Field]
	if exists && string(text.Reveal()) != "null" {
		state.Exists, state.Value = true, valueOf(text)
		state.Owner = destination.ParseRecord(held.Notes[f.note()])
	}
	return state
}

func (f *field) note() string { return notePrefix + f.Field }

// valueOf returns a text as it is, and anything else as its JSON, as the operator serves it.
func valueOf(field sensitive.Value) sensitive.Value {
	var text string
	if json.Unmarshal(field.Reveal(), &text) != nil {
		return field
	}
	return sensitive.FromString(text)
}

// Write sets the field and leaves the others.
func (f *field) Write(ctx context.Context, value sensitive.Value, observed destination.State, owner destination.Owner) error {
	if !utf8.Valid(value.Reveal()) {
		return fault.New(fault.InvalidContent, "NotText", "%s: the value is no UTF-8 text, which Vault cannot hold: encode it as base64", f.Describe())
	}
	held, err := f.inspect(ctx)
	if err != nil {
		return err
	}
	now := f.state(held)
	for _, err := range []error{
		destination.CheckUnchanged(f.Describe(), observed, now),
		destination.CheckOwner(f.Describe(), now, owner),
		f.checkRecord(held, owner),
	} {
		if err != nil {
			return err
		}
	}
	text, err := json.Marshal(string(value.Reveal()))
	if err != nil { // A text always encodes.
		return fault.New(fault.InvalidContent, "NotText", "%s: the value cannot be encoded", f.Describe())
	}
	change := backend.Change{Fields: maps.Clone(held.Fields)}
	if change.Fields == nil {
		change.Fields = map[string]sensitive.Value{}
	}
	change.Fields[f.Field] = sensitive.New(text)
	if held.Checked {
		change.Notes = map[string]string{f.note(): owner.Record()}
	}
	return f.fault(ctx, f.mount.Put(ctx, f.ref, held, change))
}

// checkRecord refuses a value of which it could not be recorded whose it is.
func (f *field) checkRecord(held backend.Held, owner destination.Owner) error {
	switch {
	case !held.Checked && owner.Instance != "":
		return fault.New(fault.InvalidSpec, backend.ReasonNotesUnsupported,
			"%s: mount %q is a KV engine of version 1, which cannot record that the value is of instance %q, so that destroy would never find it: use a mount of version 2",
			f.Describe(), f.Mount, owner.Instance)
	case len(owner.Record()) > longestText:
		return fault.New(fault.InvalidSpec, "OwnerTooLong", "%s: the names of plan, value, environment and instance are too long to be recorded", f.Describe())
	}
	return nil
}

// Remove takes the field away, and the entry too, with all its versions, if nothing of
// anybody else is in it.
func (f *field) Remove(ctx context.Context, observed destination.State) error {
	held, err := f.inspect(ctx)
	if err != nil {
		return err
	}
	if _, exists := held.Fields[f.Field]; !exists {
		return nil
	}
	if err := destination.CheckUnchanged(f.Describe(), observed, f.state(held)); err != nil {
		return err
	}
	change := backend.Change{Fields: maps.Clone(held.Fields)}
	delete(change.Fields, f.Field)
	others := maps.Clone(held.Notes)
	delete(others, f.note())
	if len(change.Fields) == 0 && len(others) == 0 {
		return f.fault(ctx, f.mount.Delete(ctx, f.ref, held))
	}
	if _, noted := held.Notes[f.note()]; noted {
		change.Notes = map[string]string{f.note(): ""}
	}
	return f.fault(ctx, f.mount.Put(ctx, f.ref, held, change))
}

// fault names the place in an error of its mount.
func (f *field) fault(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if fault.Is(err, fault.Conflict) {
		return fault.New(fault.Conflict, destination.ReasonChanged,
			"%s was changed by somebody else meanwhile, and nothing was written there: run the command again", f.Describe())
	}
	return login.At(f.Describe(), f.client.fault(ctx, err))
}
