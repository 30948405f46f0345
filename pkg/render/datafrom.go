// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"fmt"
	"maps"
	"slices"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// item is one item of dataFrom, compiled.
type item struct {
	shape

	at    int // the place of its want
	find  *finder
	found []finding
}

// newItem compiles an item; its want is placed by the caller.
func newItem(i int, from *v1alpha1.DataFrom) (item, error) {
	name := fmt.Sprintf("spec.dataFrom[%d]", i)
	shaped, err := newShape(name, &from.Shaping)
	if err != nil || from.Find == nil {
		return item{shape: shaped}, err
	}
	find, err := newFinder(name, from.Find)
	return item{shape: shaped, find: find}, err
}

// size is how many steps the expressions of an item have.
func (it *item) size() int {
	size := it.steps
	for i := range it.rename {
		size += it.rename[i].steps
	}
	if it.find != nil && it.find.match != nil {
		size += it.find.match.steps
	}
	return size
}

// entries lists the entries whose fields an item takes.
func (it *item) entries() []finding {
	if it.find == nil {
		return []finding{{at: it.at}}
	}
	return it.found
}

// claim is the field that a key is made of.
type claim struct {
	item   int
	source Source
	field  string
}

// String names the field and its entry.
func (c claim) String() string { return fmt.Sprintf("field %q of entry %q", cut(c.field), c.source) }

// claims says which field each key is made of, beside those that are decided.
type claims struct {
	decided map[string]sensitive.Value
	by      map[string]claim
	spent   *effort
}

// renderDataFrom adds the fields that the items take of the sources. A key that data already
// holds is left alone: data wins.
func renderDataFrom(data map[string]sensitive.Value, items []item, sources []Source) error {
	all := claims{decided: data, by: map[string]claim{}, spent: new(effort)}
	for i := range items {
		if err := all.add(i, &items[i], sources); err != nil {
			return err
		}
	}
	values := make(map[string]sensitive.Value, len(all.by))
	for _, key := range slices.Sorted(maps.Keys(all.by)) {
		from := all.by[key]
		value, err := items[from.item].value(from.source.Fields[from.field])
		if err != nil {
			return within(err, "key %q: %s", key, from)
		}
		values[key] = value
	}
	maps.Copy(data, values)
	return nil
}

// add claims the keys of an item.
func (c claims) add(i int, it *item, sources []Source) error {
	took := false
	for _, entry := range it.entries() {
		source := sources[entry.at]
		for _, field := range slices.Sorted(maps.Keys(source.Fields)) {
			if err := c.look(it, claim{i, source, field}); err != nil {
				return err
			}
			if !it.takes(field) {
				continue
			}
			took = true
			if err := c.claim(it, claim{i, source, field}, it.find.name(entry.relative, field)); err != nil {
				return err
			}
		}
	}
	if !took {
		return nothingTaken(i, it, sources)
	}
	return nil
}

// look returns an error if it takes too long to look at the name of a field.
func (c claims) look(it *item, at claim) error {
	if it.steps > 0 && len(at.field) > maxName {
		return invalid(ReasonInvalidKey, "spec.dataFrom[%d]: %s has a name of more than %d bytes, which is not compared with include and exclude", at.item, at, maxName)
	}
	return c.spent.add(len(at.field), it.steps)
}

// claim gives the key that a name becomes to a field, as the item of the field wants it.
func (c claims) claim(it *item, by claim, name string) error {
	key, err := it.key(name, c.spent)
	if err != nil {
		return within(err, "spec.dataFrom[%d]: %s", by.item, by)
	}
	if _, decided := c.decided[key]; decided {
		return nil
	}
	first, taken := c.by[key]
	switch {
	case !taken, first.item != by.item && it.conflict == v1alpha1.OnConflictOverride:
		c.by[key] = by
	case first.item != by.item && it.conflict == v1alpha1.OnConflictKeep:
	case first.item != by.item:
		return invalid(ReasonDuplicateKey, "key %q is made of %s, and of %s: rename one of them, say with spec.dataFrom[%d].onConflict which one wins, or name the key in spec.data",
			key, first, by, by.item)
	default:
		return invalid(ReasonDuplicateKey, "key %q is made of %s, and of %s, both by spec.dataFrom[%d]: rename them apart, exclude one, or name the key in spec.data",
			key, first, by, by.item)
	}
	return nil
}

// nothingTaken explains that an item gives no key, which is not what anybody wants: it looks
// like a folder that was emptied, or an expression that matches something else.
func nothingTaken(i int, it *item, sources []Source) error {
	switch {
	case it.find == nil:
		return invalid(ReasonNothingTaken, "spec.dataFrom[%d]: include and exclude leave no field of entry %q", i, sources[it.at])
	case len(it.found) > 0:
		return invalid(ReasonNothingTaken, "spec.dataFrom[%d]: include and exclude leave no field of the %d entries found in folder %q", i, len(it.found), it.find.spec.Path)
	case it.find.match != nil:
		return invalid(ReasonNothingFound, "spec.dataFrom[%d].find: folder %q holds no entry that match %q takes, or only deleted ones", i, it.find.spec.Path, it.find.spec.Match)
	default:
		return invalid(ReasonNothingFound, "spec.dataFrom[%d].find: folder %q holds no entry, or only deleted ones", i, it.find.spec.Path)
	}
}

// reads reports whether an item takes fields of the source at a place.
func (it *item) reads(at int) bool {
	if it.find == nil {
		return it.at == at
	}
	_, found := slices.BinarySearchFunc(it.found, at, func(f finding, at int) int { return f.at - at })
	return found
}
