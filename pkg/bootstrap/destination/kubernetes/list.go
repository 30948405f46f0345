// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"cmp"
	"context"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/bootstrap/destination"
	"github.com/secretsync/secretsync/pkg/fault"
)

// pageSize is how many Secrets one answer holds at most.
const pageSize = 500

// written lists the keys of one namespace, or of all.
type written struct {
	cluster   *Cluster
	namespace string
}

// Written lists the keys that the bootstrap helper wrote in a namespace; empty is all of them.
func (c *Cluster) Written(namespace string) destination.Lister {
	return written{cluster: c, namespace: namespace}
}

// List returns the keys that the plan wrote.
func (w written) List(ctx context.Context, plan string) ([]destination.Found, error) {
	client, err := w.cluster.secrets()
	if err != nil {
		return nil, err
	}
	var found []destination.Found
	options := metav1.ListOptions{LabelSelector: LabelManaged + "=true", Limit: pageSize}
	for {
		page, err := client.Secrets(w.namespace).List(ctx, options)
		if err != nil {
			return nil, w.fault(err)
		}
		for i := range page.Items {
			for key, owner := range notes(&page.Items[i]) {
				if _, there := page.Items[i].Data[key]; there && owner.Plan == plan {
					place := Place{Namespace: page.Items[i].Namespace, Name: page.Items[i].Name, Key: key}
					found = append(found, destination.Found{Place: w.cluster.Secret(place), Owner: owner})
				}
			}
		}
		if options.Continue = page.Continue; options.Continue == "" {
			break
		}
	}
	slices.SortFunc(found, func(a, b destination.Found) int { return cmp.Compare(a.Place.Describe(), b.Place.Describe()) })
	return found, nil
}

func (w written) fault(err error) error {
	where := "in namespace " + w.namespace
	if w.namespace == "" {
		where = "in all namespaces"
	}
	doing := "listing Secrets " + where
	if apierrors.IsForbidden(err) || apierrors.IsUnauthorized(err) {
		return denied(err, doing, where)
	}
	return unreachable(fault.FromAPI(err, doing))
}
