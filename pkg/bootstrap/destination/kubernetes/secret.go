// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	applycorev1 "k8s.io/client-go/applyconfigurations/core/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/bootstrap/destination"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// Place is one key of one Secret.
type Place struct {
	// Namespace and Name name the Secret, Key the key in its data.
	Namespace, Name, Key string
	// Type is the type that the Secret is created with; empty is Opaque.
	Type string
	// Credential labels the Secret as one that a backend of the operator may log in with.
	Credential bool
}

// String names the place for people.
func (p Place) String() string {
	return fmt.Sprintf("kubernetes Secret %s/%s key %s", p.Namespace, p.Name, p.Key)
}

// key is a Place in its cluster.
type key struct {
	Place

	cluster *Cluster
}

var _ destination.Removable = &key{}

// Secret returns the place as a destination.
func (c *Cluster) Secret(place Place) destination.Removable { return &key{Place: place, cluster: c} }

// Describe names the key, and the cluster where it has a name.
func (k *key) Describe() string {
	if k.cluster.name == "" {
		return k.String()
	}
	return k.String() + " in " + cluster(k.cluster.name)
}

// Observe reads the key.
func (k *key) Observe(ctx context.Context) (destination.State, error) {
	live, err := k.get(ctx)
	if err != nil {
		return destination.State{}, err
	}
	return k.state(live), nil
}

// get reads the Secret; nil if there is none.
func (k *key) get(ctx context.Context) (*corev1.Secret, error) {
	client, err := k.cluster.secrets()
	if err != nil {
		return nil, err
	}
	live, err := client.Secrets(k.Namespace).Get(ctx, k.Name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, k.fault(err, "reading")
	}
	return live, nil
}

// state returns what a Secret says of the key.
func (k *key) state(live *corev1.Secret) destination.State {
	state := destination.State{Readable: true}
	if live == nil {
		return state
	}
	bytes, exists := live.Data[k.Key]
	state.Version = live.ResourceVersion
	if exists {
		state.Exists, state.Value, state.Owner = true, sensitive.New(bytes), notes(live)[k.Key]
	}
	return state
}

// notYet is a version that no Secret has: etcd counts from 1, which is its own beginning. The API
// server drops it from a Secret that it creates, and refuses it for one that is there by then
// (k8s.io/apiserver, pkg/registry/generic/registry, Store.Update). Without it, two runs at once
// would both create the Secret, for they are one field manager, and the first would believe in
// a value that is gone.
const notYet = "1"

// Write applies the key. It takes over a key that was written by somebody else only if it is
// recorded as the owner's, which is how what was altered by hand is put right.
func (k *key) Write(ctx context.Context, value sensitive.Value, observed destination.State, owner destination.Owner) error {
	live, err := k.get(ctx)
	if err != nil {
		return err
	}
	now := k.state(live)
	for _, err := range []error{
		k.checkSecret(live),
		destination.CheckUnchanged(k.Describe(), observed, now),
		destination.CheckOwner(k.Describe(), now, owner),
	} {
		if err != nil {
			return err
		}
	}
	wanted := applycorev1.Secret(k.Name, k.Namespace).
		WithLabels(map[string]string{LabelManaged: "true"}).
		WithAnnotations(map[string]string{annotation(k.Key): noteText(k.Key, owner)}).
		WithData(map[string][]byte{k.Key: value.Reveal()})
	if k.Credential {
		wanted.WithLabels(map[string]string{v1alpha1.LabelCredential: "true"})
	}
	if live != nil {
		wanted.WithResourceVersion(live.ResourceVersion)
	} else {
		wanted.WithResourceVersion(notYet)
		if k.Type != "" {
			wanted.WithType(corev1.SecretType(k.Type))
		}
	}
	return k.apply(ctx, wanted, value, now.Owner.Same(owner))
}

func (k *key) apply(ctx context.Context, wanted *applycorev1.SecretApplyConfiguration, value sensitive.Value, force bool) error {
	client, err := k.cluster.secrets()
	if err != nil {
		return err
	}
	written, err := client.Secrets(k.Namespace).Apply(ctx, wanted, metav1.ApplyOptions{FieldManager: manager(k.Key), Force: force})
	if err != nil {
		return k.fault(err, "writing")
	}
	if !k.state(written).Value.Equal(value) {
		return fault.New(fault.Rejected, "AlteredOnWrite",
			"%s was written, but the cluster's admission made another value of it: see its mutating webhooks and policies", k.Describe())
	}
	return nil
}

// checkSecret refuses Secrets that others act on or take keys away from.
func (k *key) checkSecret(live *corev1.Secret) error {
	switch {
	case live == nil:
		return nil
	case live.Annotations[v1alpha1.AnnotationOwner] != "":
		return fault.New(fault.NotOwned, "OperatorOwned",
			"%s: the Secret is written by the operator, which would remove the key again: name another Secret", k.Describe())
	case live.Type == corev1.SecretTypeServiceAccountToken, live.Type == corev1.SecretTypeBootstrapToken:
		return fault.New(fault.NotOwned, "SystemOwned", "%s: a Secret of type %q is Kubernetes' own: name another Secret", k.Describe(), live.Type)
	case k.Type != "" && string(live.Type) != k.Type:
		return fault.New(fault.Rejected, "OtherType",
			"%s: the Secret is of type %q, the plan says %q, and Kubernetes changes no type: correct the plan, or delete the Secret", k.Describe(), live.Type, k.Type)
	case live.Immutable != nil && *live.Immutable:
		return fault.New(fault.Rejected, "Immutable",
			"%s: the Secret is immutable: name another one, or delete it if nothing needs what it holds", k.Describe())
	}
	return nil
}
