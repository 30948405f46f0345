// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"fmt"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// ref names a backend; the zero namespace is that of a ClusterSecretBackend.
func ref(namespace, name string) *v1alpha1.BackendRef {
	if namespace == "" {
		return &v1alpha1.BackendRef{Kind: v1alpha1.KindClusterSecretBackend, Name: name}
	}
	return &v1alpha1.BackendRef{Kind: v1alpha1.KindSecretBackend, Name: name}
}

// backend adds a backend once, of the namespace or, if that is empty, of the cluster, and
// names it. Another one of that name gets a number.
func (c *converter) backend(namespace, name string, spec v1alpha1.BackendSpec, namespaces *v1alpha1.NamespaceSelection) *v1alpha1.BackendRef {
	base := name
	for number := 2; ; number++ {
		known, taken := c.made[namespace+"/"+name]
		if taken && equality.Semantic.DeepEqual(known, spec) {
			return ref(namespace, name)
		}
		if !taken {
			break
		}
		name = named(base, strconv.Itoa(number))
	}
	c.made[namespace+"/"+name] = spec
	c.Backends = append(c.Backends, newBackend(namespace, name, spec, namespaces))
	return ref(namespace, name)
}

func newBackend(namespace, name string, spec v1alpha1.BackendSpec, namespaces *v1alpha1.NamespaceSelection) client.Object {
	if namespace != "" {
		return &v1alpha1.SecretBackend{
			TypeMeta:   metav1.TypeMeta{APIVersion: v1alpha1.GroupVersion.String(), Kind: v1alpha1.KindSecretBackend},
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
			Spec:       spec,
		}
	}
	return &v1alpha1.ClusterSecretBackend{
		TypeMeta:   metav1.TypeMeta{APIVersion: v1alpha1.GroupVersion.String(), Kind: v1alpha1.KindClusterSecretBackend},
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       v1alpha1.ClusterBackendSpec{BackendSpec: spec, Allow: v1alpha1.Allow{Namespaces: namespaces, Paths: []string{"**"}}},
	}
}

// credential tells that a Secret needs its owner's consent before a backend logs in with it or
// trusts what is in it, and where it has to be.
func (c *converter) credential(of object, namespace, name string) {
	home := namespace
	if home == "" {
		home = c.OperatorNamespace
	}
	c.note(of, ByHand, "", "let the backend use the Secret %s/%s: kubectl label secret -n %s %s %s=true",
		home, name, home, name, v1alpha1.LabelCredential)
}

// copied tells that something has to be copied from one namespace to where the backend looks
// for it: its own or, for one of the cluster, that of the operator.
func (c *converter) copied(of object, field, from, home string) {
	if home == "" {
		home = c.OperatorNamespace
	}
	if from != "" && from != home {
		c.note(of, ByHand, field, "copy it from namespace %s to %s, where the backend looks for it", from, home)
	}
}

// serviceAccount tells that the operator asks for tokens of named ServiceAccounts only.
func (c *converter) serviceAccount(of object, f fields, name string) *v1alpha1.LocalRef {
	if name == "" || name == v1alpha1.DefaultServiceAccount {
		return nil
	}
	c.note(of, ByHand, f.path, "let the operator ask for tokens of ServiceAccount %q, by the chart's value authServiceAccount.name, or bind the role to %q",
		name, v1alpha1.DefaultServiceAccount)
	return &v1alpha1.LocalRef{Name: name}
}

// audience returns the one audience that a token has.
func (c *converter) audience(of object, f fields, fallback string) string {
	switch audiences := f.done().list(); {
	case len(audiences) == 0:
		return fallback
	case len(audiences) > 1:
		c.note(of, Changed, f.path, "tokens have one audience, %q", audiences[0])
		fallthrough
	default:
		return audiences[0]
	}
}

// address returns an address as ours are written: without a path and the slash at the end.
func address(text, suffix string) string {
	return strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(text, "/"), suffix), "/")
}

// named joins the parts of a name of a backend that stands for one mount of another object.
func named(name, mount string) string {
	return fmt.Sprintf("%s-%s", name, strings.ToLower(strings.NewReplacer("/", "-", "_", "-").Replace(mount)))
}
