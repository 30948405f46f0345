// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// transformation converts which fields are served and the templates. Those see every field,
// served or not, in .Secrets; ours see the values in . itself.
func (c *converter) transformation(of object, spec *v1alpha1.SecretSyncSpec, from fields) {
	includes, excludes := from.list("includes"), from.list("excludes")
	texts := c.vaultTemplates(of, from)
	c.lose(of, from.get("transformationRefs"), "write the templates that it refers to into the VaultStaticSecret first")
	if len(texts) == 0 {
		for _, name := range includes {
			spec.DataFrom[0].Include = append(spec.DataFrom[0].Include, anywhere(name))
		}
		for _, name := range excludes {
			spec.DataFrom[0].Exclude = append(spec.DataFrom[0].Exclude, anywhere(name))
		}
		return
	}
	spec.Template = &v1alpha1.Template{Values: v1alpha1.ValuesKeep}
	c.templateData(of, spec.Template, from.path+".templates", texts)
	if len(includes)+len(excludes) == 0 {
		return
	}
	spec.Template.Values = v1alpha1.ValuesDrop
	if !slices.ContainsFunc(excludes, everything) {
		spec.Template.Object = chosen(includes, excludes, slices.Sorted(maps.Keys(texts)))
	}
}

// vaultTemplates returns the templates by key, as ours are written.
func (c *converter) vaultTemplates(of object, from fields) map[string]string {
	templates, _ := from.get("templates").value.(map[string]any)
	texts := map[string]string{}
	for key := range templates {
		template := from.get("templates", key)
		template.text("name")
		text, err := secretsAsDot(template.text("text"))
		if err != nil {
			c.note(of, Lost, template.path, "%v", err)
			continue
		}
		if judges.MatchString(text) {
			c.note(of, Changed, template.path, "every value is a text here, a list, an object, a number or a truth as its JSON: check what the template makes of those")
		}
		texts[key] = text
	}
	return texts
}

// judges matches what makes a difference between a text and what it is the JSON of.
var judges = regexp.MustCompile(`\b(and|coalesce|default|empty|eq|fromJson|ge|gt|if|kindIs|kindOf|le|lt|ne|not|or|range|ternary|to(Pretty|Raw)?Json|with)\b`)

// everything reports whether an expression is one of those by which people leave out all.
func everything(expression string) bool {
	return slices.Contains([]string{".*", "^.*$", "^.*", ".*$", ".+", "^.+$"}, expression)
}

// chosen returns the template of an object with the values that are served beside those of
// the templates, whose keys are theirs alone.
func chosen(includes, excludes, made []string) v1alpha1.TemplateText {
	var out []string
	for _, key := range made {
		out = append(out, "^"+regexp.QuoteMeta(key)+"$")
	}
	condition := "not " + matching(append(out, excludes...))
	if len(includes) > 0 {
		condition = fmt.Sprintf("and %s (%s)", matching(includes), condition)
	}
	// What YAML writes in one line may end with a comma, and may be empty.
	return v1alpha1.TemplateText("{ {{- range $name, $value := . }}{{ if " + condition + " }}\n{{ toJson $name }}: {{ toJson $value }},{{ end }}{{ end }}\n}")
}

// matching returns the condition that one of several expressions matches in a name.
func matching(expressions []string) string {
	var conditions []string
	for _, expression := range expressions {
		conditions = append(conditions, fmt.Sprintf("(regexMatch %q $name)", expression))
	}
	return "(or " + strings.Join(conditions, " ") + ")"
}
