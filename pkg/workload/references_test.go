// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package workload

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	corev1 "k8s.io/api/core/v1"
	"pgregory.net/rapid"
)

// projectedVolume returns the sources in their order, each of a Secret.
func projectedVolume(secrets ...string) corev1.VolumeSource {
	volume := &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{{ConfigMap: &corev1.ConfigMapProjection{}}}}
	for _, name := range secrets {
		volume.Sources = append(volume.Sources, corev1.VolumeProjection{Secret: &corev1.SecretProjection{LocalObjectReference: named(name)}})
	}
	return corev1.VolumeSource{Projected: volume}
}

func envFrom(secret string) corev1.Container {
	return corev1.Container{EnvFrom: []corev1.EnvFromSource{
		{ConfigMapRef: &corev1.ConfigMapEnvSource{LocalObjectReference: named(secret)}},
		{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: named(secret)}},
	}}
}

func TestRepoint(t *testing.T) {
	initial := func(c corev1.Container) *corev1.PodSpec {
		return &corev1.PodSpec{InitContainers: []corev1.Container{c}}
	}
	with := func(source corev1.VolumeSource) *corev1.PodSpec { return app(corev1.Container{}, volume(source)) }
	cases := map[string]struct {
		pod  *corev1.PodSpec
		want string
	}{
		"None":      {pod: app(corev1.Container{})},
		"Env":       {pod: app(env("db-1", "P", nil)), want: "/containers/0/env/1/valueFrom/secretKeyRef/name"},
		"EnvFrom":   {pod: app(envFrom("db-1")), want: "/containers/0/envFrom/1/secretRef/name"},
		"Init":      {pod: initial(envFrom("db-1")), want: "/initContainers/0/envFrom/1/secretRef/name"},
		"Volume":    {pod: with(secretVolume("db-1", "P")), want: "/volumes/0/secret/secretName"},
		"Projected": {pod: with(projectedVolume("other", "db-1")), want: "/volumes/0/projected/sources/2/secret/name"},
		"CSI": {
			pod: with(corev1.VolumeSource{CSI: &corev1.CSIVolumeSource{NodePublishSecretRef: new(named("db-1"))}}), want: "/volumes/0/csi/nodePublishSecretRef/name",
		},
		"Flex": {
			pod: with(corev1.VolumeSource{FlexVolume: &corev1.FlexVolumeSource{SecretRef: new(named("db-1"))}}), want: "/volumes/0/flexVolume/secretRef/name",
		},
		"ISCSI": {
			pod: with(corev1.VolumeSource{ISCSI: &corev1.ISCSIVolumeSource{SecretRef: new(named("db-1"))}}), want: "/volumes/0/iscsi/secretRef/name",
		},
		"AzureFile": {pod: with(corev1.VolumeSource{AzureFile: &corev1.AzureFileVolumeSource{SecretName: "db-1"}}), want: "/volumes/0/azureFile/secretName"},
		"Images":    {pod: &corev1.PodSpec{ImagePullSecrets: []corev1.LocalObjectReference{named("x"), named("db-1")}}, want: "/imagePullSecrets/1/name"},
		"Other":     {pod: app(env("db-10", "P", nil))},
		"Newest":    {pod: app(env("db-2", "P", nil))},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			next, moved := Repoint(tc.pod, map[string]bool{"db-1": true, "db-2": true}, "db-2")
			var want []Reference
			if tc.want != "" {
				want = []Reference{{tc.want, "db-1"}}
			}
			if diff := cmp.Diff(want, moved); diff != "" {
				t.Error(diff)
			}
			if len(Uses("db-1", next)) > 0 || len(want) > 0 && len(Uses("db-2", next)) == 0 {
				t.Errorf("the Pod is %+v", next)
			}
		})
	}
}

// TestRepointChangesNothingElse: of any template exactly the names change, at exactly the places
// that are told, and Uses agrees where these are.
func TestRepointChangesNothingElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pod := drawPod(t)
		before := pod.DeepCopy()
		next, moved := Repoint(pod, map[string]bool{"db-1": true, "db": true}, "db-2")
		if diff := cmp.Diff(before, pod); diff != "" {
			t.Fatalf("the given template was changed: %s", diff)
		}
		if RefersTo(next, map[string]bool{"db-1": true, "db": true}) || RefersTo(pod, map[string]bool{"db-1": true, "db": true}) != (len(moved) > 0) {
			t.Fatalf("moved are %v of %v", moved, References(pod))
		}
		for name := range map[string]bool{"db": true, "db-1": true, "db-2": true, "other": true} {
			if uses := len(Uses(name, pod)) > 0; uses != RefersTo(pod, map[string]bool{name: true}) {
				t.Fatalf("%s: Uses says %t", name, uses)
			}
		}
		if diff := cmp.Diff(patched(t, pod, moved), patched(t, next, nil)); diff != "" {
			t.Fatalf("more changed than was told (-told +changed):\n%s", diff)
		}
	})
}

// patched returns the template as JSON once the names at these places are replaced.
func patched(t *rapid.T, pod *corev1.PodSpec, moved []Reference) string {
	text, err := json.Marshal(pod)
	if err != nil {
		t.Fatal(err)
	}
	for _, ref := range moved {
		patch, err := jsonpatch.DecodePatch(fmt.Appendf(nil, `[{"op":"test","path":%q,"value":%q},{"op":"replace","path":%q,"value":"db-2"}]`, ref.Path, ref.Secret, ref.Path))
		if err != nil {
			t.Fatal(err)
		}
		if text, err = patch.Apply(text); err != nil {
			t.Fatalf("%+v: %v", ref, err)
		}
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(value)
}

// drawPod draws a template that names few Secrets in many places.
func drawPod(t *rapid.T) *corev1.PodSpec {
	name := rapid.SampledFrom([]string{"db", "db-1", "db-2", "other"})
	container := rapid.Custom(func(t *rapid.T) corev1.Container {
		c := rapid.SampledFrom([]corev1.Container{env(name.Draw(t, "env"), "P", nil), envFrom(name.Draw(t, "envFrom")), mount("")}).Draw(t, "container")
		c.Name, c.Args = "app", []string{name.Draw(t, "an argument, which is no reference")}
		return c
	})
	source := rapid.Custom(func(t *rapid.T) corev1.Volume {
		return volume(rapid.SampledFrom([]corev1.VolumeSource{
			secretVolume(name.Draw(t, "secret")), projectedVolume(name.Draw(t, "one"), name.Draw(t, "two")),
			{CSI: &corev1.CSIVolumeSource{NodePublishSecretRef: new(named(name.Draw(t, "csi")))}},
			{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: named(name.Draw(t, "a ConfigMap"))}},
			{EmptyDir: &corev1.EmptyDirVolumeSource{}},
		}).Draw(t, "source"))
	})
	pull := rapid.Custom(func(t *rapid.T) corev1.LocalObjectReference { return named(name.Draw(t, "pull")) })
	return &corev1.PodSpec{
		InitContainers: rapid.SliceOfN(container, 0, 2).Draw(t, "init"), Containers: rapid.SliceOfN(container, 1, 3).Draw(t, "containers"),
		Volumes: rapid.SliceOfN(source, 0, 3).Draw(t, "volumes"), ImagePullSecrets: rapid.SliceOfN(pull, 0, 2).Draw(t, "pulls"),
	}
}
