// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/types"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// infisicalSecret converts an InfisicalSecret. What its fields mean is told by
// https://infisical.com/docs/integrations/platforms/kubernetes/infisical-secret-crd.
func (c *converter) infisicalSecret(of object) {
	targets := of.spec.items("managedKubeSecretReferences")
	if single := of.spec.get("managedSecretReference"); single.set() {
		targets = append(targets, single)
	}
	c.lose(of, of.spec.get("managedKubeConfigMapReferences"), "values go into Secrets only")
	interval := c.resyncInterval(of)
	for _, target := range targets {
		name := types.NamespacedName{Namespace: target.or(of.Namespace, "secretNamespace"), Name: target.text("secretName")}
		scope, ok := c.infisicalLogin(of, name.Namespace)
		if !ok {
			c.giveUp(of)
			return
		}
		sync := c.infisicalTarget(of, name, target, scope, len(targets))
		if interval != "" {
			c.interval(of, &sync.Spec, "spec.resyncInterval", interval)
		}
		c.infisicalMade(of, sync, target.get("template"))
	}
	c.instantUpdates(of, of.spec.get("instantUpdates"))
	c.instantUpdates(of, of.spec.get("syncConfig", "instantUpdates"))
}

// resyncInterval returns how often the backend is read; empty if nothing is said.
func (c *converter) resyncInterval(of object) string {
	interval, seconds := of.spec.text("syncConfig", "resyncInterval"), of.spec.number("resyncInterval")
	switch {
	case seconds == 0:
		return interval
	case interval == "":
		return fmt.Sprintf("%ds", seconds)
	default:
		c.note(of, Changed, "spec.resyncInterval", "spec.syncConfig.resyncInterval counts, not the %d seconds", seconds)
		return interval
	}
}

// infisicalMade converts what the Secret is made of, and what is put on it.
func (c *converter) infisicalMade(of object, sync *v1alpha1.SecretSync, template fields) {
	all := template.flag("includeAllSecrets")
	if template.value != nil && !all && !template.get("data").set() {
		c.note(of, Lost, template.path+".data", "there is no template and includeAllSecrets is not set, so nothing is served there; here all is")
	}
	c.infisicalTemplate(of, sync, template, valuesAsDot, all)
	if metadata := template.get("metadata"); metadata.set() {
		c.setMetadata(of, &sync.Spec, metadata.texts("labels"), metadata.texts("annotations"))
	} else {
		c.inherit(of, sync)
	}
}

// inherit puts on the Secret what the object is labelled and annotated with, as that operator
// does where nothing else is said.
func (c *converter) inherit(of object, sync *v1alpha1.SecretSync) {
	c.setMetadata(of, &sync.Spec, kept(of.labels), keptAnnotations(of.annotations))
}

// instantUpdates tells that events of the backend are not listened to.
func (c *converter) instantUpdates(of object, from fields) {
	if from.done().set() {
		c.note(of, Changed, from.path, "the backend's events are not listened to: a change is seen within the interval")
	}
}

// autoReload tells of the restarts that are asked for at the workloads, not here.
func (c *converter) autoReload(of object, secret types.NamespacedName) {
	c.note(of, Changed, "", "workloads that read Secret %s and are annotated secrets.infisical.com/auto-reload are not restarted any more: name them in spec.restart", secret)
}

// folder is what of Infisical is served.
type folder struct {
	backend v1alpha1.InfisicalBackend
	path    string
	// name is of the one secret that is taken; empty for all.
	name string
}

// infisicalTarget starts the SecretSync for one Secret, with its backend.
func (c *converter) infisicalTarget(of object, secret types.NamespacedName, target fields, from folder, targets int) *v1alpha1.SecretSync {
	if secret.Namespace != of.Namespace {
		c.note(of, Changed, target.path, "the SecretSync and its backend lie in namespace %s, where the Secret is: the credentials are needed there", secret.Namespace)
	}
	name := of.Name
	if targets > 1 {
		name = secret.Name
	}
	sync := c.sync(of, name, secret)
	sync.Spec.BackendRef = c.backend(secret.Namespace, of.Name, v1alpha1.BackendSpec{Infisical: &from.backend}, nil)
	item := v1alpha1.DataFrom{Entry: &v1alpha1.EntrySource{Path: trimmed(from.path)}}
	if from.name != "" {
		item.Include = []string{literal(from.name)}
	}
	sync.Spec.DataFrom = []v1alpha1.DataFrom{item}
	sync.Spec.Target.Type = target.text("secretType")
	if target.text("creationPolicy") == "Owner" {
		c.note(of, Changed, target.path+".creationPolicy", stays)
	}
	c.autoReload(of, secret)
	return sync
}

// literal returns an expression that matches a name itself.
func literal(name string) string { return `\Q` + name + `\E` }

// infisicalTemplate converts the templates of keys, or the one of an object. Each value is an
// object there. all says that the values are served as well.
func (c *converter) infisicalTemplate(of object, sync *v1alpha1.SecretSync, at fields, rewrite func(string) (string, error), all bool) {
	data, object := at.texts("data"), at.text("data")
	made := &v1alpha1.Template{Values: v1alpha1.ValuesDrop}
	if all {
		made.Values = v1alpha1.ValuesKeep
	}
	texts := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(data)) {
		text, err := rewrite(data[key])
		if err != nil {
			c.note(of, Lost, at.path+".data."+key, "%v", err)
			continue
		}
		texts[key] = text
	}
	c.templateData(of, made, at.path+".data", texts)
	if object != "" {
		text, err := rewrite(object)
		if err != nil {
			c.note(of, Lost, at.path+".data", "%v", err)
		} else {
			c.checkTemplate(of, at.path+".data", text)
			made.Object = v1alpha1.TemplateText(text)
		}
	}
	if len(made.Data) > 0 || made.Object != "" {
		sync.Spec.Template = made
	}
}

// infisicalLogin returns the backend, as one of the namespace home, and folder of an
// InfisicalSecret; false, with a note, if there is no counterpart.
func (c *converter) infisicalLogin(of object, home string) (folder, bool) {
	auth := of.spec.get("authentication")
	from := folder{backend: v1alpha1.InfisicalBackend{
		Address: address(of.spec.or("https://app.infisical.com", "hostAPI"), "/api"), IncludeImports: new(true), ExpandReferences: new(true),
	}}
	if ca := of.spec.get("tls", "caRef"); ca.set() {
		from.backend.TLS.CARef = &v1alpha1.SecretKeyRef{Name: ca.text("secretName"), Key: ca.text("key")}
		c.copied(of, ca.path, ca.text("secretNamespace"), home)
		c.credential(of, home, ca.text("secretName"))
	}
	switch {
	case auth.get("universalAuth").set():
		login := auth.get("universalAuth")
		name := login.text("credentialsRef", "secretName")
		from.backend.Auth.Universal = &v1alpha1.InfisicalUniversalAuth{
			ClientIDRef:     &v1alpha1.SecretKeyRef{Name: name, Key: "clientId"},
			ClientSecretRef: v1alpha1.SecretKeyRef{Name: name, Key: "clientSecret"},
		}
		c.copied(of, login.get("credentialsRef").path, login.get("credentialsRef").text("secretNamespace"), home)
		c.credential(of, home, name)
		c.scope(of, &from, login.get("secretsScope"))
	case auth.get("kubernetesAuth").set():
		login := auth.get("kubernetesAuth")
		account := login.get("serviceAccountRef")
		from.backend.Auth.Kubernetes = &v1alpha1.InfisicalKubernetesAuth{
			IdentityID: login.text("identityId"),
			ServiceAccountIdentity: v1alpha1.ServiceAccountIdentity{
				Audience:          c.audience(of, login.get("serviceAccountTokenAudiences"), "infisical"),
				ServiceAccountRef: c.serviceAccount(of, account, account.text("name")),
			},
		}
		c.copied(of, account.path, account.text("namespace"), home)
		login.get("autoCreateServiceAccountToken").done()
		c.scope(of, &from, login.get("secretsScope"))
	default:
		c.note(of, Lost, auth.path, "SecretSync logs in to Infisical with universal or kubernetes auth among those that this kind has")
		return folder{}, false
	}
	return from, true
}

// scope reads which folder is meant.
func (c *converter) scope(of object, folder *folder, from fields) {
	c.project(of, &folder.backend, from)
	folder.backend.Environment = from.text("envSlug")
	folder.path, folder.name = from.or("/", "secretsPath"), from.text("secretName")
	if from.flag("recursive") {
		folder.backend.Recursive = new(true)
	}
}

// project reads which project is meant: if it is said twice, the slug counts there.
func (c *converter) project(of object, backend *v1alpha1.InfisicalBackend, from fields) {
	backend.ProjectSlug, backend.ProjectID = from.text("projectSlug"), from.text("projectId")
	if backend.ProjectSlug != "" && backend.ProjectID != "" {
		c.note(of, Changed, from.path+".projectId", "projectSlug counts, not %q", backend.ProjectID)
		backend.ProjectID = ""
	}
}
