// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fieldowner"
)

// fluxManagers and argoManagers are the field managers under which the two write: of Flux
// the controllers' own names, of Argo CD those of its server-side and client-side apply.
func fluxManagers() []string { return []string{"kustomize-controller", "helm-controller"} }
func argoManagers() []string { return []string{"argocd-controller", "argocd-application-controller"} }

// GitNote says what becomes of the annotation on an object that comes from Git; empty if
// nothing shows that it does.
func GitNote(sync *v1alpha1.SecretSync) string {
	for _, entry := range sync.ManagedFields {
		switch {
		case slices.Contains(fluxManagers(), entry.Manager):
			return "Flux applies this object (" + entry.Manager + "): it leaves the annotation alone, because the plugin writes as secretsync-cli"
		case slices.Contains(argoManagers(), entry.Manager):
			return "Argo CD applies this object (" + entry.Manager + "): it leaves the annotation alone, unless it syncs with Replace=true"
		}
	}
	return ""
}

// SetFromGit returns the name of the tool that sets the rollback annotation itself; empty
// if none does. What it sets comes back at its next sync, so only Git can change it.
func SetFromGit(sync *v1alpha1.SecretSync) string {
	tools := slices.Concat(fluxManagers(), argoManagers())
	path := fieldowner.Annotation(v1alpha1.AnnotationRollbackTo)
	for _, entry := range sync.ManagedFields {
		if slices.Contains(tools, entry.Manager) && fieldowner.Owns(entry, path) {
			return entry.Manager
		}
	}
	return ""
}
