// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package workload

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
)

// volumeUses returns what each volume of a Pod takes from the Secret, by the volume's name.
func volumeUses(secret string, pod *corev1.PodSpec) map[string][]Use {
	uses := map[string][]Use{}
	for i := range pod.Volumes {
		volume := &pod.Volumes[i]
		if s := volume.Secret; s != nil && s.SecretName == secret {
			uses[volume.Name] = append(uses[volume.Name], Use{Means: Volume, Keys: paths(s.Items), Optional: ptr.Deref(s.Optional, false)})
		}
		if volume.Projected != nil {
			uses[volume.Name] = append(uses[volume.Name], projected(secret, volume.Projected)...)
		}
		if driverSecret(&volume.VolumeSource) == secret {
			uses[volume.Name] = append(uses[volume.Name], Use{Means: Driver})
		}
	}
	return uses
}

func projected(secret string, volume *corev1.ProjectedVolumeSource) []Use {
	var uses []Use
	for _, source := range volume.Sources {
		if s := source.Secret; s != nil && s.Name == secret {
			uses = append(uses, Use{Means: Volume, Keys: paths(s.Items), Optional: ptr.Deref(s.Optional, false)})
		}
	}
	return uses
}

func paths(items []corev1.KeyToPath) []string {
	var keys []string
	for _, item := range items {
		keys = append(keys, item.Key)
	}
	return keys
}

// driverSecret returns the name of the Secret that a storage driver logs in with, empty if
// there is none.
func driverSecret(volume *corev1.VolumeSource) string {
	name, _ := driverName(volume)
	return ptr.Deref(name, "")
}
