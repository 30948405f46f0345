// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// right is one line of RBAC.
type right struct {
	verb, group, resource string
	// namespace it is needed in; empty is all.
	namespace string
	// cluster says that the resource belongs to no namespace.
	cluster bool
}

func clusterSecretSyncs(verb string) right {
	return right{verb: verb, group: v1alpha1.GroupName, resource: "clustersecretsyncs", cluster: true}
}

func secretSyncs(verb, namespace string) right {
	return right{verb: verb, group: v1alpha1.GroupName, resource: "secretsyncs", namespace: namespace}
}

func secrets(namespace string) right {
	return right{verb: "get", resource: "secrets", namespace: namespace}
}

func apps(verb, resource, namespace string) right {
	return right{verb: verb, group: appsv1.GroupName, resource: resource, namespace: namespace}
}

// rule is what a Role must contain.
func (r right) rule() string {
	return fmt.Sprintf("{apiGroups: [%q], resources: [%q], verbs: [%q]}", r.group, r.resource, r.verb)
}

// lacking adds to a refusal which rule would have allowed it.
func lacking(err error, r right) error {
	switch {
	case !apierrors.IsForbidden(err):
		return err
	case r.cluster:
		return fmt.Errorf("%w; it takes a ClusterRole with the rule %s", err, r.rule())
	case r.namespace == "":
		return fmt.Errorf("%w; it takes a ClusterRole with the rule %s, or --namespace", err, r.rule())
	default:
		return fmt.Errorf("%w; it takes a Role in namespace %q with the rule %s", err, r.namespace, r.rule())
	}
}
