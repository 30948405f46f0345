// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// operation is one step of a JSON patch (RFC 6902).
type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value"`
}

// patch writes the status of exactly this object, by UID. Only a JSON patch can ask for
// that: in a merge patch of the status subresource the API server ignores metadata.uid,
// and a successor of the same name would get the status of what it follows.
func patch(ctx context.Context, c client.Client, object client.Object, status any) error {
	text, err := json.Marshal([]operation{
		{Op: "test", Path: "/metadata/uid", Value: object.GetUID()},
		{Op: "add", Path: "/status", Value: status},
	})
	if err != nil {
		return fmt.Errorf("encoding a status: %w", err)
	}
	return c.Status().Patch(ctx, object, client.RawPatch(types.JSONPatchType, text))
}

// isGone reports whether the object is not there, or another one of its name is: a test
// that fails is answered with 422 as well, but without the causes that an invalid status
// has.
func isGone(err error) bool {
	if apierrors.IsNotFound(err) {
		return true
	}
	var status apierrors.APIStatus
	if !apierrors.IsInvalid(err) || !errors.As(err, &status) {
		return false
	}
	details := status.Status().Details
	return details == nil || len(details.Causes) == 0
}

// PatchBackend writes the status of a backend if it differs in meaning. One that is gone
// is no error.
func PatchBackend(ctx context.Context, c client.Client, object client.Object, shown, next v1alpha1.BackendStatus) error {
	if equality.Semantic.DeepEqual(shown, next) {
		return nil
	}
	if err := patch(ctx, c, object, next); err != nil && !isGone(err) {
		return fmt.Errorf("writing the status of backend %q: %w", object.GetName(), err)
	}
	return nil
}

// PatchClusterSecretSync writes the status of a ClusterSecretSync, of which object then has the
// version. One that is gone is no error.
func PatchClusterSecretSync(ctx context.Context, c client.Client, object *v1alpha1.ClusterSecretSync, next v1alpha1.ClusterSecretSyncStatus) error {
	if err := patch(ctx, c, object, next); err != nil && !isGone(err) {
		return fmt.Errorf("writing the status of ClusterSecretSync %q: %w", object.GetName(), err)
	}
	return nil
}
