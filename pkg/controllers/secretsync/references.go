// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/fault"
)

// page bounds how many objects one list brings.
const page = 200

// dropReferred takes out of names those that a Pod of the namespace, what makes Pods or lends
// them its Secrets, or an Ingress refers to. It looks no further once none is left. Errors are
// classed by fault.FromAPI.
func (r *Reconciler) dropReferred(ctx context.Context, namespace string, names map[string]bool) error {
	for _, list := range []client.ObjectList{
		&corev1.PodList{}, &appsv1.ReplicaSetList{}, &appsv1.ControllerRevisionList{},
		&appsv1.DeploymentList{}, &batchv1.JobList{}, &batchv1.CronJobList{},
		&corev1.ServiceAccountList{}, &networkingv1.IngressList{},
	} {
		for more := ""; len(names) > 0; {
			err := r.Live.List(ctx, list, client.InNamespace(namespace), client.Limit(page), client.Continue(more))
			if err != nil {
				return fault.FromAPI(err, "looking for what refers to a Secret")
			}
			if err := meta.EachListItem(list, func(object runtime.Object) error { return dropNamed(object, names) }); err != nil {
				return fmt.Errorf("looking for what refers to a Secret: %w", err)
			}
			if more = list.GetContinue(); more == "" {
				break
			}
		}
	}
	return nil
}

// dropNamed takes out of names those that stand as a text anywhere in an object. It is simpler
// than to know each place where a Pod names a Secret, and errs on the safe side.
func dropNamed(object any, names map[string]bool) error {
	text, err := json.Marshal(object)
	if err != nil {
		return fmt.Errorf("encoding: %w", err)
	}
	maps.DeleteFunc(names, func(name string, _ bool) bool { return bytes.Contains(text, []byte(strconv.Quote(name))) })
	return nil
}
