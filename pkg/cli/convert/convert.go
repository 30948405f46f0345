// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// API groups of the operators whose objects are understood.
const (
	GroupExternalSecrets = "external-secrets.io"
	GroupVaultSecrets    = "secrets.hashicorp.com"
	GroupInfisical       = "secrets.infisical.com"
)

// Options are what the objects do not tell.
type Options struct {
	// Namespace is the one that is converted; empty for all. Objects of others are there
	// because some of it may refer to them.
	Namespace string
	// OperatorNamespace is where a cluster-wide backend finds its credentials.
	OperatorNamespace string
	// CheckTemplate says why a text is no template that SecretSync takes; nil if it is one.
	CheckTemplate func(text string) error
}

// Convert turns objects of other operators into ours. What is of no such operator is left out
// without a note. The same objects, in whatever order, give the same result.
func Convert(objects []*unstructured.Unstructured, o Options) Result {
	c := &converter{Options: o, objects: map[Origin]object{}, made: map[string]v1alpha1.BackendSpec{}, refused: map[string]bool{}}
	for _, u := range objects {
		c.add(u)
	}
	for _, of := range c.sorted() {
		if convert := c.converters()[of.Group+"/"+of.Kind]; convert != nil {
			convert(of)
		}
	}
	for _, of := range c.sorted() {
		c.noteUnread(of)
	}
	slices.SortFunc(c.Backends, byKindAndName)
	slices.SortFunc(c.Notes, func(a, b Note) int {
		return cmp.Or(cmp.Compare(a.Object, b.Object), cmp.Compare(a.Field, b.Field), cmp.Compare(a.Message, b.Message))
	})
	c.Notes = slices.Compact(c.Notes)
	for i, handover := range c.Handovers {
		c.Handovers[i].Changes = slices.ContainsFunc(c.Notes, func(n Note) bool {
			return n.Kind == Lost && handover.of(n.Object) && (n.Field == "" || content.MatchString(n.Field))
		})
	}
	return c.Result
}

// content are the fields that say what is in a Secret, not when it is made or how it is labelled.
var content = regexp.MustCompile(`^spec\.(externalSecretSpec\.)?(data|dataFrom|sources|target\.template\.(data|templateFrom)|destination\.transformation|[a-zA-Z]+(\[\d+\])?\.template\.data)\b`)

// converter is one conversion at work.
type converter struct {
	Options
	Result

	objects map[Origin]object
	// made are the backends that are in the result, by namespace and name, and refused the stores
	// that cannot be.
	made    map[string]v1alpha1.BackendSpec
	refused map[string]bool
}

// object is one object of another operator.
type object struct {
	Origin

	spec        fields
	labels      map[string]string
	annotations map[string]string
	owners      []metav1.OwnerReference
}

// converters are what turns objects into ours, by group and kind. What is not here is
// converted together with what refers to it.
func (c *converter) converters() map[string]func(object) {
	return map[string]func(object){
		GroupExternalSecrets + "/SecretStore":           c.store,
		GroupExternalSecrets + "/ClusterSecretStore":    c.store,
		GroupExternalSecrets + "/ExternalSecret":        c.externalSecret,
		GroupExternalSecrets + "/ClusterExternalSecret": c.clusterExternalSecret,
		GroupExternalSecrets + "/PushSecret":            c.unsupported,
		GroupExternalSecrets + "/ClusterPushSecret":     c.unsupported,
		GroupVaultSecrets + "/VaultStaticSecret":        c.vaultStaticSecret,
		GroupVaultSecrets + "/VaultDynamicSecret":       c.unsupported,
		GroupVaultSecrets + "/VaultPKISecret":           c.unsupported,
		GroupVaultSecrets + "/VaultAuthGlobal":          c.unsupported,
		GroupVaultSecrets + "/SecretTransformation":     c.unsupported,
		GroupVaultSecrets + "/HCPAuth":                  c.unsupported,
		GroupVaultSecrets + "/HCPVaultSecretsApp":       c.unsupported,
		GroupInfisical + "/InfisicalSecret":             c.infisicalSecret,
		GroupInfisical + "/InfisicalStaticSecret":       c.infisicalStaticSecret,
		GroupInfisical + "/InfisicalDynamicSecret":      c.unsupported,
		GroupInfisical + "/InfisicalPushSecret":         c.unsupported,
	}
}

func (c *converter) add(u *unstructured.Unstructured) {
	group, _, _ := strings.Cut(u.GetAPIVersion(), "/")
	if group != GroupExternalSecrets && group != GroupVaultSecrets && group != GroupInfisical {
		return
	}
	of := Origin{Group: group, Kind: u.GetKind(), NamespacedName: types.NamespacedName{Namespace: u.GetNamespace(), Name: u.GetName()}}
	c.objects[of] = object{
		Origin: of, spec: newFields(u.Object["spec"], "spec"),
		labels: u.GetLabels(), annotations: u.GetAnnotations(), owners: u.GetOwnerReferences(),
	}
}

// sorted lists the objects in a fixed order.
func (c *converter) sorted() []object {
	all := make([]object, 0, len(c.objects))
	for _, of := range c.objects {
		all = append(all, of)
	}
	slices.SortFunc(all, func(a, b object) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return all
}

func byKindAndName(a, b client.Object) int {
	kind := func(o client.Object) string { return o.GetObjectKind().GroupVersionKind().Kind }
	return cmp.Or(cmp.Compare(kind(a), kind(b)), cmp.Compare(a.GetNamespace(), b.GetNamespace()), cmp.Compare(a.GetName(), b.GetName()))
}

// note tells something of a field of an object.
func (c *converter) note(of object, kind Kind, field, format string, args ...any) {
	c.Notes = append(c.Notes, Note{Object: of.String(), Field: field, Kind: kind, Message: fmt.Sprintf(format, args...)})
}

// lose tells that a field has no counterpart, and counts it as read.
func (c *converter) lose(of object, f fields, why string) {
	if f.set() {
		c.note(of, Lost, f.done().path, "%s", why)
	}
}

// giveUp tells that an object is not converted at all, for a reason that was told.
func (c *converter) giveUp(of object) {
	c.note(of, Lost, "", "it is not converted")
	of.spec.done()
}

// noteUnread tells of every field that is set and that nothing looked at. Of objects that
// nothing refers to there is one note only.
func (c *converter) noteUnread(of object) {
	if len(of.spec.read) == 0 {
		if of.Namespace != "" && c.Namespace != "" && of.Namespace != c.Namespace {
			return
		}
		c.note(of, Changed, "", "nothing among the objects refers to it, so it was not converted")
		return
	}
	for _, path := range of.spec.unread() {
		c.note(of, Lost, path, "has no counterpart")
	}
}

// unsupported tells of a kind that has no counterpart at all.
func (c *converter) unsupported(of object) {
	reason, ok := map[string]string{
		"PushSecret": "SecretSync writes nothing into a backend", "ClusterPushSecret": "SecretSync writes nothing into a backend",
		"InfisicalPushSecret": "SecretSync writes nothing into a backend",
		"VaultAuthGlobal":     "write what it says into each VaultAuth first",
		"HCPAuth":             "HCP Vault Secrets is no backend", "HCPVaultSecretsApp": "HCP Vault Secrets is no backend",
		"SecretTransformation": "write what it says into each VaultStaticSecret first",
	}[of.Kind]
	if !ok {
		reason = "leases and issued certificates have no versions to go back to; leave it to its operator"
	}
	c.note(of, Lost, "", "it is not converted: %s", reason)
	of.spec.done()
}

// stays is told of objects that take their Secret with them.
const stays = "the Secret stays when the SecretSync is deleted; spec.target.onDelete: Delete has it go"

// sync starts a SecretSync for a Secret that another operator serves.
func (c *converter) sync(of object, name string, secret types.NamespacedName) *v1alpha1.SecretSync {
	name = c.free(secret.Namespace, name)
	sync := &v1alpha1.SecretSync{
		TypeMeta:   metav1.TypeMeta{APIVersion: v1alpha1.GroupVersion.String(), Kind: v1alpha1.KindSecretSync},
		ObjectMeta: metav1.ObjectMeta{Namespace: secret.Namespace, Name: name, Labels: kept(of.labels)},
	}
	if secret.Name != name {
		sync.Spec.Target.Name = secret.Name
	}
	c.Syncs = append(c.Syncs, sync)
	c.Handovers = append(c.Handovers, Handover{Secret: secret, Sync: name, From: of.Origin})
	return sync
}

// free returns a name that no SecretSync of the namespace has: the given one, or one with a number.
func (c *converter) free(namespace, name string) string {
	base := name
	for number := 2; slices.ContainsFunc(c.Syncs, func(s *v1alpha1.SecretSync) bool { return s.Namespace == namespace && s.Name == name }); number++ {
		name = named(base, strconv.Itoa(number))
	}
	return name
}

// kept returns labels without those by which a tool knows what it applied itself.
func kept(labels map[string]string) map[string]string {
	return without(labels, func(name, prefix string) bool {
		return strings.HasSuffix(prefix, "fluxcd.io") || prefix == "argocd.argoproj.io" || name == "app.kubernetes.io/managed-by" || strings.HasPrefix(prefix, "helm.")
	})
}

// keptAnnotations returns annotations without those of tools and of Kubernetes itself.
func keptAnnotations(annotations map[string]string) map[string]string {
	return kept(without(annotations, func(_, prefix string) bool {
		return prefix == "meta.helm.sh" || prefix == "secrets.infisical.com" || strings.HasSuffix(prefix, "kubernetes.io") || strings.HasSuffix(prefix, "k8s.io")
	}))
}

// without returns texts without those whose names, or the prefixes of those, are a tool's; nil if
// none is left.
func without(texts map[string]string, ofTool func(name, prefix string) bool) map[string]string {
	result := map[string]string{}
	for name, text := range texts {
		if prefix, _, _ := strings.Cut(name, "/"); !ofTool(name, prefix) {
			result[name] = text
		}
	}
	if len(result) == 0 {
		return nil
	}
	return result
}
