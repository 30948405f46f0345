// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// TestDropNamed: a Secret is referred to wherever a Pod may name one.
func TestDropNamed(t *testing.T) {
	const name = "db-0123456789"
	local := corev1.LocalObjectReference{Name: name}
	pod := func(edit func(*corev1.PodSpec)) any {
		var p corev1.Pod
		edit(&p.Spec)
		return &p
	}
	env := []corev1.EnvVar{{Name: "A", ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: local}}}}
	from := []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: local}}}
	volume := func(source corev1.VolumeSource) any {
		return pod(func(p *corev1.PodSpec) { p.Volumes = []corev1.Volume{{Name: "v", VolumeSource: source}} })
	}
	cases := map[string]struct {
		object any
		named  bool
	}{
		"Env":           {pod(func(p *corev1.PodSpec) { p.Containers = []corev1.Container{{Env: env}} }), true},
		"EnvFrom":       {pod(func(p *corev1.PodSpec) { p.Containers = []corev1.Container{{EnvFrom: from}} }), true},
		"InitContainer": {pod(func(p *corev1.PodSpec) { p.InitContainers = []corev1.Container{{EnvFrom: from}} }), true},
		"Ephemeral": {pod(func(p *corev1.PodSpec) {
			p.EphemeralContainers = []corev1.EphemeralContainer{{EphemeralContainerCommon: corev1.EphemeralContainerCommon{Env: env}}}
		}), true},
		"PullSecret": {pod(func(p *corev1.PodSpec) { p.ImagePullSecrets = []corev1.LocalObjectReference{local} }), true},
		"Volume":     {volume(corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: name}}), true},
		"Projected": {volume(corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{
			Sources: []corev1.VolumeProjection{{Secret: &corev1.SecretProjection{LocalObjectReference: local}}},
		}}), true},
		"CSI": {volume(corev1.VolumeSource{CSI: &corev1.CSIVolumeSource{NodePublishSecretRef: &local}}), true},
		"ControllerRevision": {&appsv1.ControllerRevision{Data: runtime.RawExtension{
			Raw: []byte(`{"spec":{"template":{"spec":{"containers":[{"envFrom":[{"secretRef":{"name":"` + name + `"}}]}]}}}}`),
		}}, true},
		"CronJob": {&batchv1.CronJob{Spec: batchv1.CronJobSpec{JobTemplate: batchv1.JobTemplateSpec{Spec: batchv1.JobSpec{
			Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{ImagePullSecrets: []corev1.LocalObjectReference{local}}},
		}}}}, true},
		"ServiceAccount": {&corev1.ServiceAccount{ImagePullSecrets: []corev1.LocalObjectReference{local}}, true},
		"Ingress":        {&networkingv1.Ingress{Spec: networkingv1.IngressSpec{TLS: []networkingv1.IngressTLS{{SecretName: name}}}}, true},
		"Longer":         {volume(corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: name + "a"}}), false},
		"Another":        {volume(corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "db"}}), false},
	}
	for what, tc := range cases {
		t.Run(what, func(t *testing.T) {
			names := map[string]bool{name: true}
			if err := dropNamed(tc.object, names); err != nil {
				t.Fatal(err)
			}
			if referred := !names[name]; referred != tc.named {
				t.Errorf("referred = %t, want %t", referred, tc.named)
			}
		})
	}
}
