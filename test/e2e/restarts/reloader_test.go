// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package restarts

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// reloader stands in for Stakater's Reloader, which is published in no way that tests can get
// it: what is documented of it (https://docs.stakater.com/reloader/), for Deployments and the
// Secret db, told by a test when that has changed.
type reloader struct {
	*shop

	// annotates says that it writes an annotation, in place of a variable.
	annotates bool
	// everything says that it needs no annotation (--auto-reload-all).
	everything bool
}

// react does what Reloader does after a change.
func (r reloader) react(t *testing.T, names []string) {
	t.Helper()
	secret := r.Secret(t, "db")
	sum := fmt.Sprintf("%x", sha256.Sum256(fmt.Append(nil, secret.Data)))
	for _, name := range names {
		var d appsv1.Deployment
		r.Change(t, r.Key(name), &d, func() {
			if r.reloads(secret, &d) {
				r.reload(t, &d, sum)
			}
		})
	}
}

// reloads decides by annotations of the workload, or of its Pods if it has none. All of the
// Deployments here use the Secret.
func (r reloader) reloads(secret *corev1.Secret, d *appsv1.Deployment) bool {
	const group = "reloader.stakater.com/"
	said, opted := d.Annotations, false
	for _, key := range []string{group + "auto", "secret." + group + "auto", "secret." + group + "reload", group + "search"} {
		_, has := said[key]
		opted = opted || has
	}
	if !opted {
		said = d.Spec.Template.Annotations
	}
	named := strings.Contains(","+said["secret."+group+"reload"]+",", ",db,")
	searched := said[group+"search"] == "true" && secret.Annotations[group+"match"] == "true"
	auto, typed := said[group+"auto"], said["secret."+group+"auto"]
	switch {
	case secret.Annotations[group+"ignore"] == "true", d.Annotations["secrets.exclude."+group+"reload"] == "db":
		return false
	default:
		return named || searched || auto == "true" || typed == "true" || r.everything && auto == "" && typed == ""
	}
}

func (r reloader) reload(t *testing.T, d *appsv1.Deployment, sum string) {
	t.Helper()
	pod := &d.Spec.Template
	if r.annotates {
		text, err := json.Marshal(map[string]any{"type": "SECRET", "name": "db", "namespace": d.Namespace, "hash": sum, "containerRefs": []string{"app"}})
		harness.Must(t, err)
		pod.Annotations = maps.Clone(pod.Annotations)
		if pod.Annotations == nil {
			pod.Annotations = map[string]string{}
		}
		pod.Annotations["reloader.stakater.com/last-reloaded-from"] = string(text)
		return
	}
	const variable = "STAKATER_DB_SECRET"
	env := &pod.Spec.Containers[0].Env
	for i := range *env {
		if (*env)[i].Name == variable {
			(*env)[i].Value = sum
			return
		}
	}
	*env = append(*env, corev1.EnvVar{Name: variable, Value: sum})
}

// opinions are what Deployments tell Reloader, on themselves; those that begin with "pod-", on
// their Pods.
func opinions() map[string]map[string]string {
	return map[string]map[string]string{
		"none":           nil,
		"auto":           {"reloader.stakater.com/auto": "true"},
		"auto-false":     {"reloader.stakater.com/auto": "false"},
		"secret-auto":    {"secret.reloader.stakater.com/auto": "true"},
		"configmap-auto": {"configmap.reloader.stakater.com/auto": "true"},
		"named":          {"secret.reloader.stakater.com/reload": "cache,db"},
		"named-other":    {"secret.reloader.stakater.com/reload": "cache"},
		"excluded":       {"reloader.stakater.com/auto": "true", "secrets.exclude.reloader.stakater.com/reload": "db"},
		"named-excluded": {"secret.reloader.stakater.com/reload": "db", "secrets.exclude.reloader.stakater.com/reload": "db"},
		"search":         {"reloader.stakater.com/search": "true"},
		"ignore":         {"reloader.stakater.com/auto": "true", "reloader.stakater.com/ignore": "true"},
		"pod-auto":       {"reloader.stakater.com/auto": "true"},
		"pod-search":     {"reloader.stakater.com/search": "true"},
	}
}

// TestWithReloader: whatever workloads and Secrets tell Reloader, each change restarts each once.
func TestWithReloader(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		reloader reloader
		secret   map[string]string
		// first is the change from which on each restarts once. Before it has done something nothing
		// tells that Reloader watches everything.
		first int64
	}{
		"Variables":           {first: 2},
		"Annotations":         {reloader: reloader{annotates: true}, first: 2},
		"Match":               {secret: map[string]string{"reloader.stakater.com/match": "true"}, first: 2},
		"Ignore":              {secret: map[string]string{"reloader.stakater.com/ignore": "true"}, first: 2},
		"Everything":          {reloader: reloader{everything: true}, first: 3},
		"EverythingAnnotated": {reloader: reloader{everything: true, annotates: true}, first: 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			tc.reloader.shop = s
			s.EditSecret(t, "db", func(secret *corev1.Secret) { maps.Copy(secret.Annotations, tc.secret) })
			var names []string
			for name, told := range opinions() {
				names = append(names, name)
				s.Create(t, deployment(name, func(d *appsv1.Deployment) {
					d.Spec.Replicas, d.Annotations = new(int32(0)), told // It is about templates, not Pods.
					if strings.HasPrefix(name, "pod-") {
						d.Annotations, d.Spec.Template.Annotations = nil, told
					}
				}))
			}
			for number := int64(2); number <= 4; number++ {
				before := s.generations(t, names)
				s.change(t, fmt.Sprintf("password-%d", number))
				s.AwaitSecret(t, "db", map[string]string{"password": fmt.Sprintf("password-%d", number)})
				tc.reloader.react(t, names)
				s.awaitRestart(t, number, v1alpha1.RestartDone)
				for name, now := range s.generations(t, names) {
					if got := now - before[name]; got != 1 && number >= tc.first {
						t.Errorf("change %d restarted %s %d times", number, name, got)
					}
				}
			}
		})
	}
}

func (s *shop) generations(t *testing.T, names []string) map[string]int64 {
	t.Helper()
	found := map[string]int64{}
	for _, name := range names {
		found[name] = s.generation(t, name)
	}
	return found
}
