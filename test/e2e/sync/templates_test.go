// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package sync

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// templated gives a SecretSync templates.
func templated(edit func(*v1alpha1.Template)) harness.SyncEdit {
	return func(s *v1alpha1.SecretSync) {
		s.Spec.Template = &v1alpha1.Template{}
		edit(s.Spec.Template)
	}
}

// dsn is the template of a connection string.
func dsn(text string) harness.SyncEdit {
	return templated(func(t *v1alpha1.Template) {
		t.Data = map[string]v1alpha1.TemplateText{"DSN": v1alpha1.TemplateText(text)}
	})
}

// templateMap returns a ConfigMap whose texts may be templates.
func templateMap(name string, texts map[string]string) *corev1.ConfigMap {
	return &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{v1alpha1.LabelTemplate: "true"}}, Data: texts,
	}
}

const (
	dsnTemplate = `postgres://{{ .user | urlencode }}:{{ .password | urlencode }}@db/app`
	dsnValue    = "postgres://app:first%20password@db/app"
)

// TestTemplate: a connection string follows Vault; a template that cannot be rendered changes
// nothing and names place, line and what is missing.
func TestTemplate(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Remember(dsnValue)
	n.Write(t, "db", fields{"user": "app", "password": "first password"})
	n.Sync(t, "db", dsn(dsnTemplate), func(s *v1alpha1.SecretSync) {
		s.Spec.Template.Metadata.Labels = map[string]v1alpha1.MetadataTemplate{"app": "{{ .name }}-of-{{ .target }}"}
	})
	served := n.AwaitSecret(t, "db", texts{"DSN": dsnValue})
	if served.Labels["app"] != "db-of-db" {
		t.Errorf("want a label made of names, got %v", served.Labels)
	}
	n.AwaitReady(t, "db", 1)

	n.Edit(t, "db", dsn("a\n{{ .pasword }}"))
	s := n.AwaitCondition(t, "db", v1alpha1.ConditionReady, metav1.ConditionFalse, "TemplateFailed")
	for _, part := range []string{`spec.template.data["DSN"]`, "line 2", `"pasword"`} {
		if !strings.Contains(readyMessage(s), part) {
			t.Errorf("the message does not name %s: %q", part, readyMessage(s))
		}
	}
	n.SameBytes(t, served)
	n.Edit(t, "db", dsn("{{ .password | env }}"))
	n.AwaitCondition(t, "db", v1alpha1.ConditionStalled, metav1.ConditionTrue, "TemplateInvalid")
	n.SameBytes(t, served)

	n.Edit(t, "db", dsn(dsnTemplate+"?sslmode=require"))
	n.AwaitSecret(t, "db", texts{"DSN": dsnValue + "?sslmode=require"})
	n.AwaitReady(t, "db", 2)
	n.Write(t, "db", fields{"user": "app", "password": "second password"})
	n.AwaitSecret(t, "db", texts{"DSN": "postgres://app:second%20password@db/app?sslmode=require"})
}

// TestTemplateOfAConfigMap follows the ConfigMap, as soon as its owner labelled it, and keeps
// what is served when it goes.
func TestTemplateOfAConfigMap(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "app", fields{"user": "app", "password": "password of the app"})
	unlabelled := templateMap("texts", texts{"app.conf.tmpl": "login={{ .user }}:{{ .password }}\n", "more": "{{ .user }}_key: {{ .password | quote }}"})
	unlabelled.Labels = nil
	n.Create(t, unlabelled)
	n.Sync(t, "app", onRequest, templated(func(t *v1alpha1.Template) {
		t.ConfigMaps = []v1alpha1.TemplateConfigMap{{Name: "texts", Keys: []v1alpha1.TemplateKey{
			{Key: "app.conf.tmpl", SecretKey: "app.conf"}, {Key: "more", Object: new(true)},
		}}}
	}))
	s := n.AwaitCondition(t, "app", v1alpha1.ConditionReady, metav1.ConditionFalse, "TemplateNotFound")
	if !strings.Contains(readyMessage(s), "kubectl label configmap") {
		t.Errorf("the message does not say what to do: %q", readyMessage(s))
	}
	change := func(edit func(*corev1.ConfigMap)) {
		t.Helper()
		var object corev1.ConfigMap
		n.Change(t, n.Key("texts"), &object, func() { edit(&object) })
	}
	change(func(c *corev1.ConfigMap) { c.Labels = map[string]string{v1alpha1.LabelTemplate: "true"} })
	n.AwaitSecret(t, "app", texts{"app.conf": "login=app:password of the app\n", "app_key": "password of the app"})
	n.AwaitReady(t, "app", 1)

	change(func(c *corev1.ConfigMap) { c.Data["app.conf.tmpl"] = "password={{ .password }}\n" })
	n.AwaitSecret(t, "app", texts{"app.conf": "password=password of the app\n", "app_key": "password of the app"})
	n.AwaitReady(t, "app", 2)

	// More keys go than the guard lets through under one specification: the text is part of it.
	change(func(c *corev1.ConfigMap) { c.Data["more"] = "{}" })
	served := n.AwaitSecret(t, "app", texts{"app.conf": "password=password of the app\n"})
	n.AwaitReady(t, "app", 3)

	change(func(c *corev1.ConfigMap) { c.Data["app.conf.tmpl"] = "\n\n{{ .secret }}" })
	s = n.AwaitCondition(t, "app", v1alpha1.ConditionReady, metav1.ConditionFalse, "TemplateFailed")
	if message := readyMessage(s); !strings.Contains(message, `ConfigMap "texts", key "app.conf.tmpl", line 3`) {
		t.Errorf("the message does not name the place: %q", message)
	}
	n.SameBytes(t, served)
	n.Delete(t, &corev1.ConfigMap{}, "texts")
	n.AwaitCondition(t, "app", v1alpha1.ConditionReady, metav1.ConditionFalse, "TemplateNotFound")
	n.SameBytes(t, served)
}

// TestRenderedRevision: a revision holds what was rendered, so going back needs neither Vault
// nor the template of then.
func TestRenderedRevision(t *testing.T) {
	t.Parallel()
	n := suite.World(t).Tenant(t, harness.TenantOptions{Proxied: true})
	n.Write(t, "db", fields{"user": "app", "password": "first password"})
	n.Sync(t, "db", dsn(dsnTemplate))
	n.AwaitSecret(t, "db", texts{"DSN": dsnValue})
	n.AwaitReady(t, "db", 1)
	n.Edit(t, "db", dsn("{{ .user }} with another template"))
	n.AwaitSecret(t, "db", texts{"DSN": "app with another template"})
	n.AwaitReady(t, "db", 2)
	harness.Must(t, n.Proxy.Down())
	n.Annotate(t, "db", v1alpha1.AnnotationRollbackTo, "1")
	n.AwaitSecret(t, "db", texts{"DSN": dsnValue})
}

// TestTemplatedType: what a template writes has the shape that the type says, and the values
// can be served beside it.
func TestTemplatedType(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "pull", fields{"user": "robot", "password": "password of the robot"})
	typed := func(text string) harness.SyncEdit {
		return func(s *v1alpha1.SecretSync) {
			s.Spec.Target.Type = string(corev1.SecretTypeDockerConfigJson)
			templated(func(t *v1alpha1.Template) {
				t.Values = v1alpha1.ValuesKeep
				t.Data = map[string]v1alpha1.TemplateText{corev1.DockerConfigJsonKey: v1alpha1.TemplateText(text)}
			})(s)
		}
	}
	n.Sync(t, "pull", typed(`{"auths": "{{ .user }}"}`))
	n.AwaitCondition(t, "pull", v1alpha1.ConditionReady, metav1.ConditionFalse, "InvalidShape")
	n.Edit(t, "pull", typed(`{{ dockerConfig "registry.example" .user .password }}`))
	n.AwaitSecret(t, "pull", texts{
		"user": "robot", "password": "password of the robot",
		".dockerconfigjson": `{"auths":{"registry.example":{"auth":"cm9ib3Q6cGFzc3dvcmQgb2YgdGhlIHJvYm90","password":"password of the robot","username":"robot"}}}`,
	})
}
