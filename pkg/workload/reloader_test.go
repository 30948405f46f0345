// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package workload

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

func TestReloaderRestarts(t *testing.T) {
	type said = map[string]string
	cases := map[string]struct {
		reason                string
		own, template, secret said
		env                   string
		foreign               bool // it does not use the Secret
		want                  bool
	}{
		"Nothing":        {},
		"Auto":           {own: said{"reloader.stakater.com/auto": "true"}, want: true},
		"SecretAuto":     {own: said{"secret.reloader.stakater.com/auto": "true"}, want: true},
		"AutoOfTemplate": {own: said{"other": "x"}, template: said{"reloader.stakater.com/auto": "true"}, want: true},
		"OwnWins":        {own: said{"reloader.stakater.com/auto": "false"}, template: said{"reloader.stakater.com/auto": "true"}},
		"AutoForeign":    {reason: "it does not use the Secret", own: said{"reloader.stakater.com/auto": "true"}, foreign: true},
		"AutoExcluded": {
			own: said{"reloader.stakater.com/auto": "true", "secrets.exclude.reloader.stakater.com/reload": "cache, db"},
		},
		"ConfigMapsOnly": {own: said{"configmap.reloader.stakater.com/auto": "true"}},
		"Named":          {own: said{"secret.reloader.stakater.com/reload": "cache, db"}, want: true},
		"NamedByPattern": {own: said{"secret.reloader.stakater.com/reload": "d.*"}, want: true},
		"NamedOther":     {own: said{"secret.reloader.stakater.com/reload": "db-other,,[", "other": "x"}},
		"Match":          {own: said{"reloader.stakater.com/search": "true"}, secret: said{"reloader.stakater.com/match": "true"}, want: true},
		"SearchAlone":    {own: said{"reloader.stakater.com/search": "true"}},
		"MatchAlone":     {secret: said{"reloader.stakater.com/match": "true"}},
		"SecretIgnored":  {own: said{"reloader.stakater.com/auto": "true"}, secret: said{"reloader.stakater.com/ignore": "true"}},
		"WorkloadIgnored": {
			reason: "it ignores Secrets, not workloads", own: said{"reloader.stakater.com/auto": "true", "reloader.stakater.com/ignore": "true"}, want: true,
		},
		"AutoOne":          {reason: "it reads any truth", own: said{"reloader.stakater.com/auto": "1"}, want: true},
		"SearchOne":        {reason: "here it does not", own: said{"reloader.stakater.com/search": "1"}, secret: said{"reloader.stakater.com/match": "true"}},
		"NamedAndExcluded": {own: said{"secret.reloader.stakater.com/reload": "db", "secrets.exclude.reloader.stakater.com/reload": "db"}},
		"ExcludedByPattern": {
			reason: "it excludes names only", own: said{"reloader.stakater.com/auto": "true", "secrets.exclude.reloader.stakater.com/reload": "d.*"}, want: true,
		},
		"ExcludedOnTemplate": {
			reason:   "it reads the exclusion of the workload only",
			template: said{"reloader.stakater.com/auto": "true", "secrets.exclude.reloader.stakater.com/reload": "db"}, want: true,
		},
		"NamedByAlternatives": {reason: "^cache|b$ finds it", own: said{"secret.reloader.stakater.com/reload": "cache|b"}, want: true},
		"NamedForeign":        {own: said{"secret.reloader.stakater.com/reload": "db"}, foreign: true, want: true},
		"NamedAndAutoFalse":   {own: said{"secret.reloader.stakater.com/reload": "db", "reloader.stakater.com/auto": "false"}, want: true},
		"DidByAnnotation":     {template: said{lastReloadedFrom: `{"type":"SECRET","name":"db","namespace":"shop","hash":"x"}`}, want: true},
		"DidByAnnotationForOther": {
			template: said{lastReloadedFrom: `{"type":"SECRET","name":"cache","namespace":"shop","hash":"x"}`},
		},
		"DidForConfigMap": {template: said{lastReloadedFrom: `{"type":"CONFIGMAP","name":"db"}`}},
		"DidOdd":          {template: said{lastReloadedFrom: `db`}},
		"DidBefore":       {reason: "it watches everything", env: "STAKATER_DB_SECRET", want: true},
		"DidForOther":     {env: "STAKATER_CACHE_SECRET"},
		"SwitchedOff":     {reason: "that is how to take it back", env: "STAKATER_DB_SECRET", own: said{"reloader.stakater.com/auto": "false"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c := env("db", "P", nil)
			if tc.foreign {
				c = env("other", "P", nil)
			}
			c.Env = append(c.Env, corev1.EnvVar{Name: tc.env})
			d := &appsv1.Deployment{}
			d.Annotations, d.Spec.Template.Annotations, d.Spec.Template.Spec = tc.own, tc.template, *app(c)
			r := RollingDeployment(d)
			if got := r.ReloaderRestarts("db", tc.secret); got != tc.want {
				t.Errorf("got %v: %s", got, tc.reason)
			}
		})
	}
}

// TestReloaderSees: what Reloader does not find in a Pod template, it does not restart.
func TestReloaderSees(t *testing.T) {
	unmounted := &corev1.PodSpec{Containers: []corev1.Container{{Name: "app"}}, Volumes: []corev1.Volume{volume(secretVolume("db"))}}
	driver := app(mount(""), corev1.Volume{Name: "data", VolumeSource: corev1.VolumeSource{
		CSI: &corev1.CSIVolumeSource{NodePublishSecretRef: &corev1.LocalObjectReference{Name: "db"}},
	}})
	prepare := env("db", "P", nil)
	prepare.Name = "prepare"
	cases := map[string]struct {
		pod  *corev1.PodSpec
		want bool
	}{
		"Env":       {app(env("db", "P", nil)), true},
		"Init":      {&corev1.PodSpec{InitContainers: []corev1.Container{prepare}}, true},
		"Volume":    {app(mount(""), volume(secretVolume("db"))), true},
		"SubPath":   {app(mount("file"), volume(secretVolume("db"))), true},
		"Unmounted": {unmounted, false},
		"Driver":    {driver, false},
		"Pulls":     {&corev1.PodSpec{ImagePullSecrets: []corev1.LocalObjectReference{named("db")}}, false},
	}
	for name, tc := range cases {
		d := &appsv1.Deployment{}
		d.Annotations, d.Spec.Template.Spec = map[string]string{reloaderAuto: "true"}, *tc.pod
		if r := RollingDeployment(d); r.ReloaderRestarts("db", nil) != tc.want {
			t.Errorf("%s: want %v", name, tc.want)
		}
	}
}

func TestRestarts(t *testing.T) {
	cases := map[string]struct {
		pod  *corev1.PodSpec
		want bool
	}{
		"Env":      {app(env("db", "P", nil)), true},
		"Optional": {app(env("db", "P", new(true))), true},
		"Volume":   {app(mount(""), volume(secretVolume("db"))), true},
		"Init":     {&corev1.PodSpec{InitContainers: []corev1.Container{env("db", "P", nil)}}, true},
		"Pulls":    {&corev1.PodSpec{ImagePullSecrets: []corev1.LocalObjectReference{named("db")}}, false},
		"Other":    {app(env("cache", "P", nil)), false},
	}
	for name, tc := range cases {
		d := &appsv1.Deployment{}
		d.Spec.Template.Spec = *tc.pod
		if r := RollingDeployment(d); r.Restarts("db") != tc.want {
			t.Errorf("%s: want %v", name, tc.want)
		}
	}
}
