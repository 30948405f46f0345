// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package convert

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

const clusterExternalSecret = "ClusterExternalSecret"

// clusterExternalSecret converts a ClusterExternalSecret. What its fields mean is told by
// https://external-secrets.io/latest/api/clusterexternalsecret/.
func (c *converter) clusterExternalSecret(of object) {
	spec := c.externalSpec(of, of.spec.get("externalSecretSpec"))
	if spec == nil {
		return
	}
	of.spec.get("refreshTime").done() // Namespaces are watched.
	spec.Target.Name = of.spec.text("externalSecretSpec", "target", "name")
	fanOut := &v1alpha1.ClusterSecretSync{
		TypeMeta:   metav1.TypeMeta{APIVersion: v1alpha1.GroupVersion.String(), Kind: v1alpha1.KindClusterSecretSync},
		ObjectMeta: metav1.ObjectMeta{Name: of.Name, Labels: kept(of.labels)},
		Spec: v1alpha1.ClusterSecretSyncSpec{
			Namespaces: c.fanOutNamespaces(of),
			SecretSync: v1alpha1.SecretSyncTemplate{Metadata: c.madeMetadata(of), Spec: *spec},
		},
	}
	if name := madeName(of); name != of.Name {
		fanOut.Spec.SecretSync.Name = name
	}
	c.ClusterSyncs = append(c.ClusterSyncs, fanOut)
	c.note(of, ByHand, "", "let the operator create SecretSyncs, by the chart's value clusterSecretSyncs.enabled")
}

// fanOutNamespaces converts which namespaces are meant: those of any of the lists. An empty
// selector means all; none means nobody.
func (c *converter) fanOutNamespaces(of object) *v1alpha1.FanOutNamespaces {
	selection := &v1alpha1.FanOutNamespaces{}
	selection.Names = of.spec.list("namespaces")
	selectors := of.spec.items("namespaceSelectors")
	if single := of.spec.get("namespaceSelector"); single.value != nil {
		selectors = append(selectors, single.done())
	}
	if len(selectors)+len(selection.Names) == 0 {
		return nil
	}
	for i, from := range selectors {
		if !from.set() {
			c.note(of, Changed, from.path, "all namespaces, but those whose names start with kube- and the operator's own, which have to be named")
			return &v1alpha1.FanOutNamespaces{}
		}
		if i == 0 {
			selection.Selector = selector(from)
		} else {
			c.lose(of, from, "one selector of namespaces can be given; add the namespaces by name")
		}
	}
	return selection
}

// madeMetadata converts what the objects that it makes are labelled and annotated with.
func (c *converter) madeMetadata(of object) v1alpha1.TargetMetadata {
	metadata := of.spec.get("externalSecretMetadata")
	return targetMetadata(metadata.texts("labels"), metadata.texts("annotations"))
}

func madeName(of object) string { return of.spec.or(of.Name, "externalSecretName") }

// fannedOut reports whether an ExternalSecret was made by a ClusterExternalSecret that is among
// the objects: then its Secret goes to the SecretSync that is made in its place.
func (c *converter) fannedOut(of object) bool {
	for _, owner := range of.owners {
		if owner.Kind != clusterExternalSecret {
			continue
		}
		maker, known := c.objects[Origin{Group: GroupExternalSecrets, Kind: clusterExternalSecret, NamespacedName: types.NamespacedName{Name: owner.Name}}]
		if !known {
			c.note(of, Changed, "", "%s %s makes it, in other namespaces too, and makes it again when it is deleted: convert that, with --all-namespaces", clusterExternalSecret, owner.Name)
			return false
		}
		of.spec.done()
		c.note(of, Changed, "", "%s %s makes it, and is converted in its stead", clusterExternalSecret, owner.Name)
		target := maker.spec.get("externalSecretSpec", "target")
		c.Handovers = append(c.Handovers, Handover{
			Secret: types.NamespacedName{Namespace: of.Namespace, Name: target.or(of.Name, "name")},
			Sync:   madeName(maker), From: of.Origin, Maker: &maker.Origin, Merge: merges(target),
		})
		return true
	}
	return false
}
