// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"fmt"
	"sync"

	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/secretsync/secretsync/pkg/fault"
)

// Reasons of errors about reaching a cluster, all Unavailable.
const (
	// ReasonNoCluster: no kubeconfig names the cluster, and this is no Pod of it.
	ReasonNoCluster = "NoCluster"
	// ReasonUnreachable: the API server does not answer.
	ReasonUnreachable = "Unreachable"
)

// Options name a cluster.
type Options struct {
	// Kubeconfig is the path of a kubeconfig file; empty looks where kubectl does.
	Kubeconfig string
	// Context is a context in it; empty is the current one, and the cluster that this is a
	// Pod of where there is no kubeconfig at all.
	Context string
}

// Cluster is a Kubernetes cluster, connected to when it is first needed.
type Cluster struct {
	name    string
	secrets func() (corev1client.SecretsGetter, error)
}

// Connect returns the cluster that the options name. Nothing is read and no request is made
// before it is needed: a cluster may exist only in a later stage.
func Connect(o Options) *Cluster {
	return newCluster(o.Context, func() (*rest.Config, error) {
		rules := clientcmd.NewDefaultClientConfigLoadingRules()
		rules.ExplicitPath = o.Kubeconfig
		return clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules,
			&clientcmd.ConfigOverrides{CurrentContext: o.Context}).ClientConfig()
	})
}

// ForConfig returns the cluster of a client configuration.
func ForConfig(config *rest.Config) *Cluster {
	return newCluster("", func() (*rest.Config, error) { return config, nil })
}

func newCluster(name string, load func() (*rest.Config, error)) *Cluster {
	return &Cluster{name: name, secrets: sync.OnceValues(func() (corev1client.SecretsGetter, error) {
		config, err := load()
		if err != nil {
			return nil, fault.New(fault.Unavailable, ReasonNoCluster,
				"%s is not known yet: no kubeconfig file has such a context, and this is no Pod", cluster(name)).Because(err)
		}
		client, err := corev1client.NewForConfig(config)
		if err != nil {
			return nil, fault.New(fault.InvalidSpec, ReasonNoCluster, "%s: the kubeconfig cannot be used", cluster(name)).Because(err)
		}
		return client, nil
	})}
}

func cluster(name string) string {
	if name == "" {
		return "the cluster"
	}
	return fmt.Sprintf("cluster %q", name)
}
