// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package workload

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
)

// Reference is a place of a Pod template where the name of a Secret stands.
type Reference struct {
	// Path of the name in the specification of the Pod, as a JSON pointer.
	Path string
	// Secret that is named.
	Secret string
}

// References returns where a Pod template names Secrets: the places that Uses knows, and those
// of the credentials for images.
func References(pod *corev1.PodSpec) []Reference {
	var found []Reference
	eachReference(pod, func(path string, name *string) { found = append(found, Reference{path, *name}) })
	return found
}

// RefersTo reports whether a Pod template names one of the Secrets.
func RefersTo(pod *corev1.PodSpec, secrets map[string]bool) bool {
	refers := false
	eachReference(pod, func(_ string, name *string) { refers = refers || secrets[*name] })
	return refers
}

// Repoint returns a Pod template that names another Secret in place of the old ones, and the
// places where these stood. Nothing else of the template differs, and the given one stays.
func Repoint(pod *corev1.PodSpec, old map[string]bool, to string) (*corev1.PodSpec, []Reference) {
	var moved []Reference
	next := pod.DeepCopy()
	eachReference(next, func(path string, name *string) {
		if old[*name] && *name != to {
			moved = append(moved, Reference{path, *name})
			*name = to
		}
	})
	return next, moved
}

// eachReference visits each name of a Secret. Ephemeral containers are part of no template.
func eachReference(pod *corev1.PodSpec, visit func(path string, name *string)) {
	named := func(name *string, path string, at ...any) {
		if *name != "" {
			visit(fmt.Sprintf(path, at...), name)
		}
	}
	for i := range pod.InitContainers {
		eachInEnvironment(&pod.InitContainers[i], fmt.Sprintf("/initContainers/%d", i), named)
	}
	for i := range pod.Containers {
		eachInEnvironment(&pod.Containers[i], fmt.Sprintf("/containers/%d", i), named)
	}
	for i := range pod.Volumes {
		eachInVolume(&pod.Volumes[i].VolumeSource, fmt.Sprintf("/volumes/%d", i), named)
	}
	for i := range pod.ImagePullSecrets {
		named(&pod.ImagePullSecrets[i].Name, "/imagePullSecrets/%d/name", i)
	}
}

func eachInEnvironment(c *corev1.Container, at string, named func(name *string, path string, at ...any)) {
	for i := range c.Env {
		if from := c.Env[i].ValueFrom; from != nil && from.SecretKeyRef != nil {
			named(&from.SecretKeyRef.Name, "%s/env/%d/valueFrom/secretKeyRef/name", at, i)
		}
	}
	for i := range c.EnvFrom {
		if ref := c.EnvFrom[i].SecretRef; ref != nil {
			named(&ref.Name, "%s/envFrom/%d/secretRef/name", at, i)
		}
	}
}

func eachInVolume(v *corev1.VolumeSource, at string, named func(name *string, path string, at ...any)) {
	if v.Secret != nil {
		named(&v.Secret.SecretName, "%s/secret/secretName", at)
	}
	if v.Projected != nil {
		for i := range v.Projected.Sources {
			if s := v.Projected.Sources[i].Secret; s != nil {
				named(&s.Name, "%s/projected/sources/%d/secret/name", at, i)
			}
		}
	}
	if name, path := driverName(v); name != nil {
		named(name, "%s%s", at, path)
	}
}

// driverName returns where a storage driver's volume names the Secret that it logs in with; nil
// if it names none. Drivers that Kubernetes has removed are left out.
func driverName(v *corev1.VolumeSource) (name *string, path string) {
	switch {
	case v.CSI != nil && v.CSI.NodePublishSecretRef != nil:
		return &v.CSI.NodePublishSecretRef.Name, "/csi/nodePublishSecretRef/name"
	case v.FlexVolume != nil && v.FlexVolume.SecretRef != nil:
		return &v.FlexVolume.SecretRef.Name, "/flexVolume/secretRef/name"
	case v.ISCSI != nil && v.ISCSI.SecretRef != nil:
		return &v.ISCSI.SecretRef.Name, "/iscsi/secretRef/name"
	case v.AzureFile != nil:
		return &v.AzureFile.SecretName, "/azureFile/secretName"
	default:
		return nil, ""
	}
}
