// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"strconv"

	"k8s.io/apimachinery/pkg/types"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// infisicalStaticSecret converts an InfisicalStaticSecret, with its InfisicalAuth and
// InfisicalConnection.
func (c *converter) infisicalStaticSecret(of object) {
	targets := of.spec.items("targets")
	for _, target := range targets {
		if target.or("Secret", "kind") != "Secret" {
			c.note(of, Lost, target.done().path, "values go into Secrets only")
			continue
		}
		secret := types.NamespacedName{Namespace: target.or(of.Namespace, "namespace"), Name: target.text("name")}
		backend, ok := c.infisicalAuth(of, secret.Namespace)
		if !ok {
			c.giveUp(of)
			return
		}
		c.staticTarget(of, secret, target, backend, len(targets))
	}
	c.instantUpdates(of, of.spec.get("syncOptions", "instantUpdates"))
	if len(of.spec.items("sources")) > 1 {
		c.note(of, Changed, "spec.sources", "of a secret that several sources give the first counts, there and here; there an imported one counts after those of all sources, here after those of its own")
	}
}

// staticTarget converts one Secret. Of several sources the first wins.
func (c *converter) staticTarget(of object, secret types.NamespacedName, target fields, backend v1alpha1.InfisicalBackend, targets int) {
	name := of.Name
	if targets > 1 {
		name = secret.Name
	}
	if secret.Namespace != of.Namespace {
		c.note(of, Changed, target.path, "the SecretSync and its backend lie in namespace %s, where the Secret is: the credentials are needed there", secret.Namespace)
	}
	sync := c.sync(of, name, secret)
	if interval := of.spec.text("syncOptions", "refreshInterval"); interval != "" {
		c.interval(of, &sync.Spec, "spec.syncOptions.refreshInterval", interval)
	}
	for i, source := range of.spec.items("sources") {
		from := folder{backend: backend, path: source.or("/", "secretPath")}
		from.backend.Tags = source.list("tagSlugs")
		c.project(of, &from.backend, source)
		from.backend.Environment = source.text("environmentSlug")
		if source.flag("recursive") {
			from.backend.Recursive = new(true)
		}
		name := of.Name
		if i > 0 {
			name = named(name, strconv.Itoa(i+1))
		}
		backend := c.backend(secret.Namespace, name, v1alpha1.BackendSpec{Infisical: &from.backend}, nil)
		item := v1alpha1.DataFrom{Entry: &v1alpha1.EntrySource{BackendRef: backend, Path: trimmed(from.path)}}
		if i > 0 {
			item.OnConflict = v1alpha1.OnConflictKeep
		}
		sync.Spec.DataFrom = append(sync.Spec.DataFrom, item)
	}
	sync.Spec.BackendRef = commonBackend(&sync.Spec)
	c.staticMade(of, sync, target)
}

// staticMade converts how the Secret is made.
func (c *converter) staticMade(of object, sync *v1alpha1.SecretSync, target fields) {
	sync.Spec.Target.Type = target.text("secretType")
	if target.text("creationPolicy") == "Owner" {
		c.note(of, Changed, target.path+".creationPolicy", stays)
	}
	c.autoReload(of, types.NamespacedName{Namespace: sync.Namespace, Name: target.text("name")})
	if metadata := target.get("metadata"); metadata.value != nil {
		c.setMetadata(of, &sync.Spec, metadata.texts("labels"), metadata.texts("annotations"))
	} else {
		c.inherit(of, sync)
	}
	template := target.get("template")
	template.text("engineVersion")
	c.infisicalTemplate(of, sync, template, printedAsDot, false)
}

// infisicalAuth returns a backend of the namespace home with how an InfisicalStaticSecret logs in,
// and where; false, with a note, if there is no counterpart.
func (c *converter) infisicalAuth(of object, home string) (backend v1alpha1.InfisicalBackend, ok bool) {
	backend = v1alpha1.InfisicalBackend{Address: "https://app.infisical.com", IncludeImports: new(true), ExpandReferences: new(true)}
	auth, ok := c.infisicalObject(of, "InfisicalAuth", of.spec.get("infisicalAuthRef"))
	if !ok {
		return backend, false
	}
	if reference := auth.spec.get("infisicalConnectionRef"); reference.set() {
		connection, ok := c.infisicalObject(auth, "InfisicalConnection", reference)
		if !ok {
			return backend, false
		}
		backend.Address = address(connection.spec.or(backend.Address, "address"), "/api")
		if ca := connection.spec.get("tls", "caCertificate"); ca.set() {
			backend.TLS.CARef = &v1alpha1.SecretKeyRef{Name: ca.text("name"), Key: ca.text("key")}
			c.copied(connection, ca.path, ca.text("namespace"), home)
			c.credential(connection, home, ca.text("name"))
		}
	}
	backend.Auth, ok = c.infisicalMethod(auth, home)
	return backend, ok
}

func (c *converter) infisicalObject(of object, kind string, reference fields) (object, bool) {
	origin := Origin{Group: GroupInfisical, Kind: kind, NamespacedName: types.NamespacedName{
		Namespace: reference.or(of.Namespace, "namespace"), Name: reference.text("name"),
	}}
	found, ok := c.objects[origin]
	if !ok {
		c.note(of, Lost, reference.path, "%s is not among the objects", origin)
	}
	return found, ok
}

// infisicalMethod converts how an InfisicalAuth logs in, from the namespace home.
func (c *converter) infisicalMethod(of object, home string) (v1alpha1.InfisicalAuth, bool) {
	switch method := of.spec.text("method"); method {
	case "universal":
		id, secret := of.spec.get("universal", "clientIdRef"), of.spec.get("universal", "clientSecretRef")
		return v1alpha1.InfisicalAuth{Universal: &v1alpha1.InfisicalUniversalAuth{
			ClientIDRef: new(c.infisicalKey(of, id, home)), ClientSecretRef: c.infisicalKey(of, secret, home),
		}}, true
	case "kubernetes":
		login := of.spec.get("kubernetes")
		account := login.get("serviceAccountRef")
		c.note(of, ByHand, login.get("identityIdRef").done().path, "write the ID of the identity itself, %s, into spec.infisical.auth.kubernetes.identityID: it is no secret",
			keyOf(login.get("identityIdRef")))
		c.copied(of, account.path, account.text("namespace"), home)
		return v1alpha1.InfisicalAuth{Kubernetes: &v1alpha1.InfisicalKubernetesAuth{
			IdentityID: "IDENTITY-ID",
			ServiceAccountIdentity: v1alpha1.ServiceAccountIdentity{
				Audience:          c.audience(of, login.get("serviceAccountTokenAudiences"), "infisical"),
				ServiceAccountRef: c.serviceAccount(of, account, account.text("name")),
			},
		}}, true
	default:
		c.note(of, Lost, "spec.method", "SecretSync logs in to Infisical with universal or kubernetes among those that this kind has, not with %q", method)
		c.giveUp(of)
		return v1alpha1.InfisicalAuth{}, false
	}
}

func (c *converter) infisicalKey(of object, from fields, home string) v1alpha1.SecretKeyRef {
	name := from.text("name")
	c.copied(of, from.path, from.text("namespace"), home)
	c.credential(of, home, name)
	return v1alpha1.SecretKeyRef{Name: name, Key: from.text("key")}
}
