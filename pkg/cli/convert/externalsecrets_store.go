// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"encoding/base64"
	"path"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/types"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// store is a SecretStore or ClusterSecretStore as its ExternalSecrets see it.
type store struct {
	c  *converter
	of object
	// namespace of its backend, empty for one of the cluster.
	namespace string
	// vault says that it is Vault, else it is Infisical.
	vault bool
	// mount of Vault; empty where each key begins with it. v2 says which version the engine has.
	mount string
	v2    bool
	// folder of Infisical that names are relative to.
	folder string
}

// storeOf returns the store that a reference names; nil, with a note, if it is not there or
// cannot be converted.
func (c *converter) storeOf(of object, reference fields) *store {
	kind, name := reference.or("SecretStore", "kind"), reference.text("name")
	if name == "" {
		return nil
	}
	origin := Origin{Group: GroupExternalSecrets, Kind: kind, NamespacedName: types.NamespacedName{Name: name}}
	if kind == "SecretStore" {
		origin.Namespace = of.Namespace
	}
	found, ok := c.objects[origin]
	if !ok {
		c.note(of, Lost, reference.done().path, "%s is not among the objects, so nothing tells what its keys mean", origin)
		return nil
	}
	s := c.storeFrom(found)
	if s == nil {
		c.note(of, Lost, reference.done().path, "%s cannot be converted", origin)
	}
	return s
}

// sourceStore returns the store of an item: its own, or else that of the whole; nil, with a
// note, if there is none.
func (c *converter) sourceStore(of object, item fields, whole *store) *store {
	if own := item.get("sourceRef", "storeRef"); own.set() {
		return c.storeOf(of, own)
	}
	if whole == nil {
		c.note(of, Lost, item.path, "no store is named for it")
	}
	return whole
}

// store converts a store by itself; what refers to it may add backends for its mounts.
func (c *converter) store(of object) {
	if s := c.storeFrom(of); s != nil && (!s.vault || s.mount != "") {
		s.backendRef(s.mount)
	}
}

// storeFrom reads what a store is; nil, with a note, if its provider or login has no counterpart.
func (c *converter) storeFrom(of object) *store {
	s := &store{c: c, of: of, namespace: of.Namespace}
	switch provider := of.spec.get("provider"); {
	case provider.get("vault").set():
		vault := provider.get("vault")
		s.vault, s.mount, s.v2 = true, vault.text("path"), vault.or("v2", "version") == "v2"
	case provider.get("infisical").set():
		s.folder = provider.or("/", "infisical", "secretsScope", "secretsPath")
	default:
		c.note(of, Lost, "spec.provider", "SecretSync reads Vault and Infisical")
		c.giveUp(of)
		return nil
	}
	key := of.String()
	if _, known := c.refused[key]; !known {
		_, ok := s.spec(s.mount)
		c.refused[key] = !ok
	}
	if c.refused[key] {
		return nil
	}
	return s
}

// backendRef adds the backend for a mount, and names it.
func (s *store) backendRef(mount string) *v1alpha1.BackendRef {
	name := s.of.Name
	if mount != s.mount {
		name = named(name, mount)
	}
	spec, ok := s.spec(mount)
	if !ok {
		return ref(s.namespace, name)
	}
	return s.c.backend(s.namespace, name, spec, s.namespaces())
}

// namespaces returns those that a cluster-wide store serves.
func (s *store) namespaces() *v1alpha1.NamespaceSelection {
	if s.namespace != "" {
		return nil
	}
	all := &v1alpha1.NamespaceSelection{}
	conditions := s.of.spec.items("conditions")
	for _, condition := range conditions {
		all.Names = append(all.Names, condition.list("namespaces")...)
		if labels := condition.get("namespaceSelector"); labels.set() && len(conditions) == 1 {
			all.Selector = selector(labels)
		} else {
			s.c.lose(s.of, labels, "one selector of namespaces can be given; add the namespaces by name")
		}
		s.c.lose(s.of, condition.get("namespaceRegexes"), "namespaces are named or selected by labels, not matched")
	}
	s.c.note(s.of, ByHand, "spec.conditions", "spec.allow.paths is **, every path: say which paths a namespace may read, as in apps/{namespace}/**")
	return all
}

// spec returns the backend for a mount; ok is false, with a note, if there is no login for it.
func (s *store) spec(mount string) (v1alpha1.BackendSpec, bool) {
	provider := s.of.spec.get("provider")
	s.of.spec.get("refreshInterval").done()
	s.of.spec.get("controller").done()
	s.of.spec.get("retrySettings").done() // A poller of our own retries.
	if !s.vault {
		backend, ok := s.infisical(provider.get("infisical"))
		return v1alpha1.BackendSpec{Infisical: backend}, ok
	}
	vault := provider.get("vault")
	backend := &v1alpha1.VaultBackend{
		Address: address(vault.text("server"), ""), Namespace: vault.text("namespace"), Mount: mount,
		KVVersion: v1alpha1.KVVersion2, TLS: s.tls(vault),
	}
	if !s.v2 {
		backend.KVVersion = v1alpha1.KVVersion1
	}
	vault.get("readYourWrites").done()
	vault.get("forwardInconsistent").done()
	vault.get("checkAndSet").done()
	ok := s.vaultAuth(&backend.Auth, vault.get("auth"))
	return v1alpha1.BackendSpec{Vault: backend}, ok
}

// tls converts whom to trust.
func (s *store) tls(provider fields) v1alpha1.TLS {
	var tls v1alpha1.TLS
	if bundle, err := base64.StdEncoding.DecodeString(provider.text("caBundle")); err == nil {
		tls.CABundle = string(bundle)
	}
	if from := provider.get("caProvider"); from.set() {
		if kind := from.text("type"); kind == "ConfigMap" {
			s.c.note(s.of, ByHand, from.path, "certificates are read from a Secret: write those of ConfigMap %q into a Secret of that name", from.text("name"))
		}
		tls.CARef = &v1alpha1.SecretKeyRef{Name: from.text("name"), Key: from.or("ca.crt", "key")}
		s.c.copied(s.of, from.path, from.text("namespace"), s.namespace)
		s.c.credential(s.of, s.namespace, from.text("name"))
	}
	certificate, key := provider.get("tls", "certSecretRef"), provider.get("tls", "keySecretRef")
	if certificate.set() || key.set() {
		name := certificate.text("name")
		tls.ClientCertRef = &v1alpha1.LocalRef{Name: name}
		if key.text("name") != name || certificate.or("tls.crt", "key") != "tls.crt" || key.or("tls.key", "key") != "tls.key" {
			s.c.note(s.of, ByHand, "spec.provider.vault.tls", "put the certificate (key %s) and its key (key %s of Secret %s) into Secret %s, under tls.crt and tls.key",
				certificate.or("tls.crt", "key"), key.or("tls.key", "key"), key.text("name"), name)
		}
		s.c.copied(s.of, certificate.path, certificate.text("namespace"), s.namespace)
		s.c.credential(s.of, s.namespace, name)
	}
	return tls
}

// field returns where the value of a key is, or why it cannot be told.
func (s *store) field(key, property string) (from v1alpha1.FieldSource, why string) {
	if !s.vault {
		return s.infisicalField(key, property)
	}
	mount, entry := s.locate(key)
	if property == "" {
		return from, "the whole of an entry as JSON is no value: name the field, or take all by dataFrom and put them together by spec.template"
	}
	field, inside, ok := pointer(property)
	if !ok {
		return from, "the property is an expression; a field and a JSON pointer inside it can be read"
	}
	return v1alpha1.FieldSource{
		EntrySource: v1alpha1.EntrySource{BackendRef: s.backendRef(mount), Path: entry}, Field: field, JSONPointer: inside,
	}, ""
}

// entry returns the entry that a key names, all of which is taken, or why it cannot be.
func (s *store) entry(key, property string) (*v1alpha1.EntrySource, string) {
	if !s.vault {
		return nil, "the members of a value become keys by spec.template.object, as in {{ .NAME }}"
	}
	if property != "" {
		return nil, "the members of a field become keys by spec.template.object, as in {{ .NAME }}"
	}
	mount, entry := s.locate(key)
	return &v1alpha1.EntrySource{BackendRef: s.backendRef(mount), Path: entry}, ""
}

// find returns what gives all values that are looked for, or why nothing does.
func (s *store) find(find fields) (v1alpha1.DataFrom, string) {
	switch {
	case find.get("tags").set():
		return v1alpha1.DataFrom{}, "entries are found by path and name, not by tags"
	case s.vault:
		return v1alpha1.DataFrom{}, "it serves each entry as JSON under its path; dataFrom.find serves the fields of the entries it finds"
	}
	from := v1alpha1.DataFrom{Entry: &v1alpha1.EntrySource{BackendRef: s.backendRef(""), Path: trimmed(find.or(s.folder, "path"))}}
	if name := find.text("name", "regexp"); name != "" {
		from.Include = []string{anywhere(name)}
	}
	return from, ""
}

// locate returns the mount and the path within it that a key means.
func (s *store) locate(key string) (mount, entry string) {
	if s.mount == "" {
		mount, entry, _ = strings.Cut(key, "/data/")
		if entry == "" || !s.v2 {
			mount, entry, _ = strings.Cut(key, "/")
		}
		return mount, entry
	}
	entry, cut := strings.CutPrefix(key, s.mount+"/")
	if cut && s.v2 {
		entry = strings.TrimPrefix(entry, "data/")
	}
	return s.mount, strings.Trim(entry, "/")
}

// infisicalField returns the folder and the name that a key means.
func (s *store) infisicalField(key, property string) (from v1alpha1.FieldSource, why string) {
	folder, name := s.folder, key
	if at := strings.LastIndex(key, "/"); at >= 0 {
		folder, name = path.Join(s.folder, key[:at]), key[at+1:]
		if strings.HasPrefix(key, "/") {
			folder = key[:at]
		}
	}
	inside := ""
	if property != "" {
		first, rest, ok := pointer(property)
		if !ok {
			return from, "the property is an expression; a JSON pointer inside the value can be read"
		}
		inside = escaped(first) + rest
	}
	return v1alpha1.FieldSource{
		EntrySource: v1alpha1.EntrySource{BackendRef: s.backendRef(""), Path: trimmed(folder)}, Field: name, JSONPointer: inside,
	}, ""
}

// trimmed returns a folder as our paths are written.
func trimmed(folder string) string {
	if path := strings.Trim(folder, "/"); path != "" {
		return path
	}
	return "/"
}

// anywhere returns an expression for the whole of a name in which another matches somewhere.
func anywhere(expression string) string { return ".*(?:" + expression + ").*" }

// commonBackend returns the backend of the first entry, and takes it from those that have the
// same one.
func commonBackend(spec *v1alpha1.SecretSyncSpec) *v1alpha1.BackendRef {
	var refs []**v1alpha1.BackendRef
	for i := range spec.Data {
		refs = append(refs, &spec.Data[i].From.BackendRef)
	}
	for i := range spec.DataFrom {
		if entry := spec.DataFrom[i].Entry; entry != nil {
			refs = append(refs, &entry.BackendRef)
		}
	}
	refs = slices.DeleteFunc(refs, func(r **v1alpha1.BackendRef) bool { return *r == nil })
	if len(refs) == 0 {
		return nil
	}
	common := **refs[0]
	for _, r := range refs {
		if **r == common {
			*r = nil
		}
	}
	return &common
}
