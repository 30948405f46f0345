// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"context"

	"github.com/secretsync/secretsync/pkg/bootstrap/destination"
	"github.com/secretsync/secretsync/pkg/bootstrap/destination/kubernetes"
	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
	"github.com/secretsync/secretsync/pkg/bootstrap/transfer"
	"github.com/secretsync/secretsync/pkg/bootstrap/workflow"
	"github.com/secretsync/secretsync/pkg/fault"
)

// reasonNoPlace is that of the error about a kind of place that is not known.
const reasonNoPlace = "UnknownPlace"

// servers is what holds the places of an environment. Nothing is asked of a server before a
// place on it is looked at.
type servers struct {
	cluster *kubernetes.Cluster
}

func (s *session) connect() (*servers, error) {
	return &servers{
		cluster: kubernetes.Connect(kubernetes.Options{Kubeconfig: s.flags.kubeconfig, Context: s.target.KubeContext}),
	}, nil
}

// place returns the place of a destination without placeholders.
func (s *servers) place(d plan.Destination) (destination.Removable, error) {
	switch d.Place() {
	case plan.KubernetesSecret:
		namespace, name := plan.Namespaced(d.KubernetesSecret)
		return s.cluster.Secret(kubernetes.Place{Namespace: namespace, Name: name, Key: d.Key, Credential: true}), nil
	default:
		return nil, fault.New(fault.InvalidSpec, reasonNoPlace, "this build has no place of the kind %s", d.Place())
	}
}

// issuer returns what issues secret IDs of a role.
func (s *servers) issuer(role *plan.AppRole) (transfer.Issuer, error) {
	return nil, fault.New(fault.InvalidSpec, reasonNoPlace, "this build does not know role %s", role.Role)
}

// claims returns the verified claims of this run.
func (s *session) claims(context.Context) (workflow.Claims, error) {
	return workflow.Claims{}, fault.New(fault.Denied, "NoToken", "there is no OIDC token")
}
