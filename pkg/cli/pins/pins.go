// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package pins owns how a spec reads with the versions of one revision pinned in it. It is
// pure: it is given objects, and knows versions only.
package pins

import (
	"fmt"
	"slices"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
)

// Source is one entry at one version that a revision was made of, as revisions record it.
type Source struct {
	// Backend is the key of the backend object (backend.ObjectKey); empty if it is not known.
	Backend string `json:"backend"`
	// Path of the entry, and its version; empty if the backend has none.
	Path    string `json:"path"`
	Version string `json:"version"`
	// Values are the fields that were taken of it, where values have versions and entries none.
	Values []Value `json:"values"`
}

// Value is one field at one version.
type Value struct {
	// Field of the entry, and the version of its value.
	Field   string `json:"field"`
	Version string `json:"version"`
	// From is where the value comes from, if not from the entry itself.
	From string `json:"from"`
}

// Fragment is the part of a SecretSync that pins concern.
type Fragment struct {
	// Spec is the part of the spec.
	Spec FragmentSpec `json:"spec"`
}

// FragmentSpec is what of a spec names entries.
type FragmentSpec struct {
	// Data and DataFrom as in the spec, with versions.
	Data     []v1alpha1.DataItem `json:"data,omitempty"`
	DataFrom []v1alpha1.DataFrom `json:"dataFrom,omitempty"`
}

// Of returns the entries of a spec with the versions of a revision's sources, and in words
// which of them stay unpinned, and why.
func Of(sync *v1alpha1.SecretSync, sources []Source) (fragment Fragment, unpinned []string) {
	spec := sync.Spec.DeepCopy()
	pin := func(entry *v1alpha1.EntrySource, field string) {
		ref := entry.BackendRef
		if ref == nil {
			ref = spec.BackendRef
		}
		// Labels are not known here; a path that names one is found to be of no source.
		path, err := backend.Placeholders{Namespace: sync.Namespace, NoLabels: true}.Path(entry.Path)
		if err != nil {
			path = ""
		}
		if warning := set(entry, path, field, from(sources, backendKey(ref, sync.Namespace))); warning != "" && !slices.Contains(unpinned, warning) {
			unpinned = append(unpinned, warning)
		}
	}
	for i := range spec.Data {
		pin(&spec.Data[i].From.EntrySource, spec.Data[i].From.Field)
	}
	for i := range spec.DataFrom {
		if spec.DataFrom[i].Entry != nil {
			pin(spec.DataFrom[i].Entry, "")
		}
		if find := spec.DataFrom[i].Find; find != nil {
			unpinned = append(unpinned, fmt.Sprintf("%s is not pinned: what is found in a folder has no pins; name its entries one by one", find.Path))
		}
	}
	return Fragment{Spec: FragmentSpec{Data: spec.Data, DataFrom: spec.DataFrom}}, unpinned
}

// from returns the sources that may be of the backend with that key.
func from(sources []Source, key string) []Source {
	return slices.DeleteFunc(slices.Clone(sources), func(s Source) bool { return !s.of(key) })
}

// set pins one entry, which is read at path, or one field of it, or says why it stays as it is.
func set(entry *v1alpha1.EntrySource, path, field string, sources []Source) string {
	versions, why := versionsAt(path, field, sources)
	switch {
	case why != "":
		return fmt.Sprintf("%s is not pinned: %s", entry.Path, why)
	case path == "":
		return fmt.Sprintf("%s is not pinned: what it is depends on a label of the namespace", entry.Path)
	case len(versions) == 0:
		return fmt.Sprintf("%s is not pinned: the revision was not made of it", entry.Path)
	case slices.Contains(versions, entry.Version) && entry.Version != "":
		return ""
	case len(versions) > 1:
		return fmt.Sprintf("%s is not pinned: the revision was made of several of its versions (%q)", entry.Path, versions)
	case versions[0] == "":
		return fmt.Sprintf("%s is not pinned: its backend keeps no versions", entry.Path)
	}
	entry.Version = versions[0]
	return ""
}

// versionsAt lists the versions that a revision was made of at a path, or says why there is
// none to pin.
func versionsAt(path, field string, sources []Source) (versions []string, why string) {
	for _, source := range sources {
		if source.Path != path {
			continue
		}
		version, taken, why := source.version(field)
		if why != "" {
			return nil, why
		}
		if taken && !slices.Contains(versions, version) {
			versions = append(versions, version)
		}
	}
	return versions, ""
}

// backendKey names the backend of a reference as revisions record it; nothing if it is not
// named, as where the cluster has one for all.
func backendKey(ref *v1alpha1.BackendRef, namespace string) string {
	switch {
	case ref == nil:
		return ""
	case ref.Kind == v1alpha1.KindSecretBackend:
		return backend.ObjectKey(ref.Kind, namespace, ref.Name)
	default:
		return backend.ObjectKey(ref.Kind, "", ref.Name)
	}
}

// version returns the version that pins a field, or the whole entry if field is empty; taken
// is false if nothing is recorded of it, and why tells what cannot be pinned at all.
func (s Source) version(field string) (version string, taken bool, why string) {
	at := slices.IndexFunc(s.Values, func(v Value) bool { return v.Field == field })
	switch {
	case len(s.Values) == 0:
		return s.Version, true, ""
	case field == "":
		return "", false, "its backend has versions of single values and none of whole entries; name the fields in data"
	case at < 0:
		return "", false, ""
	case s.Values[at].From != "":
		return "", false, fmt.Sprintf("field %s comes from %s", field, s.Values[at].From)
	default:
		return s.Values[at].Version, true, ""
	}
}

// of reports whether a source may be of the backend with that key: what is not known does
// not differ.
func (s Source) of(key string) bool { return s.Backend == "" || key == "" || s.Backend == key }
