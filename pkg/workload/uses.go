// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package workload owns the question which workloads read a Secret, by which means, and
// what becomes of them when it changes. It is pure: it is given objects and asks nobody.
package workload

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
)

// Means is a way in which a Pod gets at a Secret.
type Means string

// The means. How each takes a change is said in the Kubernetes documentation of Secrets.
const (
	// Env is one environment variable, read when the container starts.
	Env Means = "env"
	// EnvFrom is an environment variable per key, read when the container starts.
	EnvFrom Means = "envFrom"
	// Volume is a folder with a file per key, which the kubelet keeps up to date.
	Volume Means = "volume"
	// SubPath is a single file or folder of a volume, which is never updated.
	SubPath Means = "volume with subPath"
	// Driver is a storage driver's credential, read when the volume is mounted.
	Driver Means = "storage driver"
	// ImagePull is a registry's credential, read whenever an image is pulled.
	ImagePull Means = "imagePullSecrets"
)

// UpdatesItself reports whether a change arrives without a restart: in a running Pod, or
// with the next pull of an image.
func (m Means) UpdatesItself() bool { return m == Volume || m == ImagePull }

// Use is one place of a Pod that reads a Secret.
type Use struct {
	// Container that reads it; empty if it is the Pod as a whole.
	Container string
	// Means by which it is read.
	Means Means
	// Keys that are named; none means whichever there are.
	Keys []string
	// Optional says that a Pod starts without the named keys, too.
	Optional bool
}

// Reads returns which of the keys the use is about.
func (u Use) Reads(keys []string) []string {
	if len(u.Keys) == 0 {
		return keys
	}
	return slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return !slices.Contains(u.Keys, key) })
}

// Breaks returns which of the removed keys a Pod cannot start without.
func (u Use) Breaks(removed []string) []string {
	if u.Optional || len(u.Keys) == 0 {
		return nil
	}
	return u.Reads(removed)
}

// Freezes reports whether the removal of keys ends the updates of running Pods: of a volume
// with items the kubelet writes all files anew or none of them.
func (u Use) Freezes(removed []string) bool { return u.Means == Volume && len(u.Breaks(removed)) > 0 }

// Uses returns where a Pod reads the Secret of that name: containers and init containers
// first, in their order, then the Pod as a whole.
func Uses(secret string, pod *corev1.PodSpec) []Use {
	var uses []Use
	mounts := volumeUses(secret, pod)
	visit := func(c *corev1.Container) {
		uses = append(uses, environment(secret, c)...)
		uses = append(uses, mounted(c, mounts)...)
	}
	for i := range pod.InitContainers {
		visit(&pod.InitContainers[i])
	}
	for i := range pod.Containers {
		visit(&pod.Containers[i])
	}
	for i := range pod.EphemeralContainers {
		c := corev1.Container(pod.EphemeralContainers[i].EphemeralContainerCommon)
		visit(&c)
	}
	return append(uses, ofPod(secret, pod, mounts)...)
}

func environment(secret string, c *corev1.Container) []Use {
	var uses []Use
	for _, env := range c.Env {
		if env.ValueFrom == nil || env.ValueFrom.SecretKeyRef == nil || env.ValueFrom.SecretKeyRef.Name != secret {
			continue
		}
		ref := env.ValueFrom.SecretKeyRef
		uses = append(uses, Use{Container: c.Name, Means: Env, Keys: []string{ref.Key}, Optional: ptr.Deref(ref.Optional, false)})
	}
	for _, from := range c.EnvFrom {
		if from.SecretRef != nil && from.SecretRef.Name == secret {
			uses = append(uses, Use{Container: c.Name, Means: EnvFrom, Optional: ptr.Deref(from.SecretRef.Optional, false)})
		}
	}
	return uses
}

// mounted returns the container's mounts of volumes that hold the Secret.
func mounted(c *corev1.Container, volumes map[string][]Use) []Use {
	var uses []Use
	for _, mount := range c.VolumeMounts {
		for _, use := range volumes[mount.Name] {
			use.Container = c.Name
			if use.Means == Volume && (mount.SubPath != "" || mount.SubPathExpr != "") {
				use.Means = SubPath
			}
			uses = append(uses, use)
		}
	}
	return uses
}

// ofPod returns the volumes that no container mounts, as the kubelet makes them all the
// same, and the credentials for images.
func ofPod(secret string, pod *corev1.PodSpec, volumes map[string][]Use) []Use {
	var uses []Use
	for i := range pod.Volumes {
		if name := pod.Volumes[i].Name; !isMounted(name, pod) {
			uses = append(uses, volumes[name]...)
		}
	}
	for _, ref := range pod.ImagePullSecrets {
		if ref.Name == secret {
			uses = append(uses, Use{Means: ImagePull})
		}
	}
	return uses
}

func isMounted(volume string, pod *corev1.PodSpec) bool {
	mounts := func(c corev1.Container) bool {
		return slices.ContainsFunc(c.VolumeMounts, func(m corev1.VolumeMount) bool { return m.Name == volume })
	}
	return slices.ContainsFunc(pod.InitContainers, mounts) || slices.ContainsFunc(pod.Containers, mounts)
}
