// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/template"
)

// reasonTemplateNotFound is the reason of the error for a ConfigMap, or a key of it, that is not
// there or whose owner has not labelled it.
const reasonTemplateNotFound = "TemplateNotFound"

// templates are those of a specification, read and ready.
type templates struct {
	set *template.Set
	// fingerprint tells whether the texts from ConfigMaps are the same; empty if there are none.
	fingerprint string
}

// epoch is what tells a snapshot that was rendered with other texts.
func (t templates) epoch() string {
	if t.fingerprint == "" {
		return ""
	}
	return "/" + t.fingerprint
}

// readTemplates reads the templates of the specification, those of ConfigMaps from the cache.
// Errors: InvalidSpec, naming what to do.
func (r *Reconciler) readTemplates(ctx context.Context, run *run) error {
	spec := run.object.Spec.Template
	if spec == nil {
		return nil
	}
	var texts []template.Text
	for _, key := range slices.Sorted(maps.Keys(spec.Data)) {
		texts = append(texts, template.Text{Place: fmt.Sprintf("spec.template.data[%q]", key), Key: key, Text: string(spec.Data[key])})
	}
	if spec.Object != "" {
		texts = append(texts, template.Text{Place: "spec.template.object", Text: string(spec.Object)})
	}
	own := len(texts)
	for i := range spec.ConfigMaps {
		more, err := r.configMapTexts(ctx, run.key.Namespace, &spec.ConfigMaps[i])
		if err != nil {
			return err
		}
		texts = append(texts, more...)
	}
	set, err := template.Parse(texts)
	if err != nil {
		return fmt.Errorf("reading the templates: %w", err)
	}
	run.templates = templates{set: set, fingerprint: fingerprint(texts[own:])}
	return nil
}

// configMapTexts returns the templates that one ConfigMap holds.
func (r *Reconciler) configMapTexts(ctx context.Context, namespace string, from *v1alpha1.TemplateConfigMap) ([]template.Text, error) {
	var object corev1.ConfigMap
	if err := r.Cached.Get(ctx, client.ObjectKey{Namespace: namespace, Name: from.Name}, &object); apierrors.IsNotFound(err) {
		return nil, fault.New(fault.InvalidSpec, reasonTemplateNotFound,
			"spec.template.configMaps names %q: namespace %q has no ConfigMap of that name with the label %s=true; create it, or, if its texts are meant to be templates: kubectl label configmap --namespace %s %s %s=true",
			from.Name, namespace, v1alpha1.LabelTemplate, namespace, from.Name, v1alpha1.LabelTemplate)
	} else if err != nil {
		return nil, fmt.Errorf("looking up ConfigMap %q: %w", from.Name, err)
	}
	if err := checkTemplateMap(&object); err != nil {
		return nil, err
	}
	keys := from.Keys
	if len(keys) == 0 {
		for _, key := range slices.Sorted(maps.Keys(object.Data)) {
			keys = append(keys, v1alpha1.TemplateKey{Key: key})
		}
	}
	var texts []template.Text
	for _, item := range keys {
		text, ok := object.Data[item.Key]
		if !ok {
			return nil, fault.New(fault.InvalidSpec, reasonTemplateNotFound,
				"spec.template.configMaps names the key %q, and ConfigMap %q has no text of that name", item.Key, from.Name)
		}
		texts = append(texts, template.Text{
			Place: fmt.Sprintf("ConfigMap %q, key %q", from.Name, item.Key), Key: secretKey(item), Text: text,
		})
	}
	return texts, nil
}

// secretKey returns the key that a template of a ConfigMap makes, empty if it makes an object.
func secretKey(item v1alpha1.TemplateKey) string {
	switch {
	case item.Object != nil && *item.Object:
		return ""
	case item.SecretKey != "":
		return item.SecretKey
	default:
		return item.Key
	}
}

// fingerprint tells texts apart; the places say what they are taken for.
func fingerprint(texts []template.Text) string {
	if len(texts) == 0 {
		return ""
	}
	sum := sha256.New()
	for _, text := range texts {
		for _, part := range []string{text.Place, text.Key, text.Text} {
			sum.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
			sum.Write([]byte(part))
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// rendered returns the state of the target that the specification makes of what was read.
func (u *run) rendered(read []render.Source) (render.Content, error) {
	if u.templates.set == nil {
		return u.plan.Render(read) //nolint:wrapcheck // classed, and told by the caller
	}
	values, err := u.plan.Collect(read)
	if err != nil {
		return render.Content{}, err //nolint:wrapcheck // classed, and told by the caller
	}
	made, err := u.templates.set.Render(u.names(), values)
	if err != nil {
		return render.Content{}, err //nolint:wrapcheck // classed, and told by the caller
	}
	return u.plan.CheckTemplated(values, made) //nolint:wrapcheck // classed, and told by the caller
}

func (u *run) names() template.Names {
	return template.Names{Namespace: u.key.Namespace, Name: u.key.Name, Target: u.object.TargetName()}
}

// specHash tells whether two states were rendered from the same specification, of which
// ConfigMaps that it names are part.
func (u *run) specHash() string {
	hash := specHash(u.specification())
	if u.templates.fingerprint == "" {
		return hash
	}
	sum := sha256.Sum256([]byte(hash + u.templates.fingerprint))
	return hex.EncodeToString(sum[:8])
}

// description is the metadata that templates made of names.
type description struct {
	labels, annotations map[string]string
}

// addTo adds what target.metadata does not have.
func (d description) addTo(labels, annotations map[string]string) {
	for _, part := range []struct{ from, to map[string]string }{{d.labels, labels}, {d.annotations, annotations}} {
		for key, value := range part.from {
			if _, ok := part.to[key]; !ok {
				part.to[key] = value
			}
		}
	}
}

// describe works out the metadata of the target that templates make. Errors: InvalidSpec; then
// nothing can be written.
func (u *run) describe() error {
	spec := u.object.Spec.Template
	if spec == nil {
		return nil
	}
	var err error
	if u.described.labels, err = u.describeAll("labels", spec.Metadata.Labels); err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(u.described.labels)) {
		if wrong := validation.IsValidLabelValue(u.described.labels[key]); len(wrong) > 0 {
			return fault.New(fault.InvalidSpec, template.ReasonTemplateInvalid,
				"spec.template.metadata.labels[%q] makes %q, which is no label: %s", key, u.described.labels[key], strings.Join(wrong, "; "))
		}
	}
	u.described.annotations, err = u.describeAll("annotations", spec.Metadata.Annotations)
	return err
}

func (u *run) describeAll(part string, texts map[string]v1alpha1.MetadataTemplate) (map[string]string, error) {
	made := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(texts)) {
		text, err := template.Metadata(fmt.Sprintf("spec.template.metadata.%s[%q]", part, key), string(texts[key]), u.names())
		if err != nil {
			return nil, fmt.Errorf("making the metadata: %w", err)
		}
		made[key] = text
	}
	return made, nil
}

// usersOfTemplate finds the SecretSyncs that take templates from a ConfigMap.
func (r *Reconciler) usersOfTemplate(ctx context.Context, object client.Object) []reconcile.Request {
	return r.find(ctx, func(sync *v1alpha1.SecretSync) bool {
		return sync.Spec.Template != nil && slices.ContainsFunc(sync.Spec.Template.ConfigMaps, func(from v1alpha1.TemplateConfigMap) bool {
			return from.Name == object.GetName()
		})
	}, client.InNamespace(object.GetNamespace()))
}
