// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// externalTemplate converts how the Secret is made of the values.
func (c *converter) externalTemplate(of object, spec *v1alpha1.SecretSyncSpec, template fields) {
	spec.Target.Type = template.text("type")
	template.text("engineVersion")
	c.metadataOf(of, spec, template.get("metadata"))
	data := template.texts("data")
	made := v1alpha1.Template{Values: v1alpha1.ValuesDrop}
	if template.or("Replace", "mergePolicy") == "Merge" {
		made.Values = v1alpha1.ValuesKeep
	}
	c.templateData(of, &made, template.path+".data", data)
	for _, item := range template.items("templateFrom") {
		c.templateFrom(of, &made, item)
	}
	if len(made.Data) > 0 || made.Object != "" || len(made.ConfigMaps) > 0 {
		spec.Template = &made
	}
}

// templateData adds the templates of keys.
func (c *converter) templateData(of object, made *v1alpha1.Template, field string, data map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(data)) {
		c.checkTemplate(of, field+"."+key, data[key])
		if made.Data == nil {
			made.Data = map[string]v1alpha1.TemplateText{}
		}
		made.Data[key] = v1alpha1.TemplateText(data[key])
	}
}

// writesJSON matches the functions whose bytes differ from those of Sprig.
var writesJSON = regexp.MustCompile(`\bto(Pretty|Raw)?Json\b`)

// checkTemplate tells what SecretSync does not take of a template, or makes otherwise.
func (c *converter) checkTemplate(of object, field, text string) {
	if writesJSON.MatchString(text) {
		c.note(of, Changed, field, "toJson writes &, < and > as they are, where Sprig writes \\u0026, \\u003c and \\u003e")
	}
	if c.CheckTemplate == nil {
		return
	}
	if err := c.CheckTemplate(text); err != nil {
		c.note(of, ByHand, field, "rewrite the template: %v", err)
	}
}

// metadataOf converts labels and annotations of the Secret. Texts that are templates may
// show values, which metadata must not.
func (c *converter) metadataOf(of object, spec *v1alpha1.SecretSyncSpec, metadata fields) {
	labels := c.plain(of, metadata, "labels")
	annotations := c.plain(of, metadata, "annotations")
	c.lose(of, metadata.get("finalizers"), "a Secret with a finalizer would not go with its namespace")
	c.setMetadata(of, spec, labels, annotations)
}

// plain returns those texts that are no templates.
func (c *converter) plain(of object, metadata fields, name string) map[string]string {
	texts := metadata.texts(name)
	for key, text := range texts {
		if strings.Contains(text, "{{") {
			c.note(of, Lost, metadata.path+"."+name+"."+key, "it is a template: values never become metadata, which more people may read")
			delete(texts, key)
		}
	}
	return texts
}

// setMetadata sets labels and annotations of the Secret.
func (c *converter) setMetadata(of object, spec *v1alpha1.SecretSyncSpec, labels, annotations map[string]string) {
	for _, texts := range []map[string]string{labels, annotations} {
		for key := range texts {
			if strings.HasPrefix(key, v1alpha1.GroupName+"/") {
				c.note(of, Lost, "", "%s on the Secret belongs to the operator", key)
				delete(texts, key)
			}
		}
	}
	spec.Target.Metadata = targetMetadata(labels, annotations)
}

func targetMetadata(labels, annotations map[string]string) (metadata v1alpha1.TargetMetadata) {
	for key, value := range labels {
		if metadata.Labels == nil {
			metadata.Labels = map[string]v1alpha1.LabelValue{}
		}
		metadata.Labels[key] = v1alpha1.LabelValue(value)
	}
	for key, value := range annotations {
		if metadata.Annotations == nil {
			metadata.Annotations = map[string]v1alpha1.AnnotationValue{}
		}
		metadata.Annotations[key] = v1alpha1.AnnotationValue(value)
	}
	return metadata
}

// templateFrom converts templates that lie elsewhere.
func (c *converter) templateFrom(of object, made *v1alpha1.Template, item fields) {
	if target := item.or("Data", "target"); target != "Data" {
		c.note(of, Lost, item.done().path, "values never become metadata, which more people may read")
		return
	}
	switch literal := item.text("literal"); {
	case item.get("secret").set():
		c.note(of, Lost, item.done().path, "templates are read from ConfigMaps, not from Secrets")
	case literal != "" && made.Object != "":
		c.note(of, Lost, item.path, "there can be one object template: put both into one")
	case literal != "":
		c.checkTemplate(of, item.path+".literal", literal)
		made.Object = v1alpha1.TemplateText(literal)
	case item.get("configMap").set():
		c.templateConfigMap(of, made, item.get("configMap"))
	}
}

func (c *converter) templateConfigMap(of object, made *v1alpha1.Template, from fields) {
	source := v1alpha1.TemplateConfigMap{Name: from.text("name")}
	for _, item := range from.items("items") {
		key := v1alpha1.TemplateKey{Key: item.text("key")}
		if item.text("templateAs") == "KeysAndValues" {
			key.Object = new(true)
		}
		source.Keys = append(source.Keys, key)
	}
	made.ConfigMaps = append(made.ConfigMaps, source)
	in := "-n " + of.Namespace
	if of.Namespace == "" {
		in = "-n NAMESPACE (each)"
	}
	c.note(of, ByHand, from.path, "let its texts be templates: kubectl label configmap %s %s %s=true", in, source.Name, v1alpha1.LabelTemplate)
}
