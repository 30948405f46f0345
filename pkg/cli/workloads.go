// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/cli/consumers"
)

// restartedAt is what "kubectl rollout restart" sets on a Pod template.
const restartedAt = "kubectl.kubernetes.io/restartedAt"

// workloads returns what of a namespace may read a Secret, and in words what could not be
// listed; empty if everything could.
func (s *session) workloads(ctx context.Context, namespace string) (found []consumers.Workload, gap string) {
	var missed []string
	var why error
	for _, l := range listings(namespace) {
		if err := s.client.List(ctx, l.list, client.InNamespace(namespace)); err != nil {
			missed, why = append(missed, l.right.resource), lacking(err, l.right)
			continue
		}
		found = append(found, l.found()...)
	}
	if why == nil {
		return found, ""
	}
	return found, fmt.Sprintf("which %s read the Secret is not known: %v", strings.Join(missed, ", "), why)
}

// listing is one kind of workload, how to list it, and what was found.
type listing struct {
	right right
	list  client.ObjectList
	found func() []consumers.Workload
}

func listings(namespace string) []listing {
	var (
		deployments  appsv1.DeploymentList
		statefulSets appsv1.StatefulSetList
		daemonSets   appsv1.DaemonSetList
		replicaSets  appsv1.ReplicaSetList
		cronJobs     batchv1.CronJobList
		jobs         batchv1.JobList
		pods         corev1.PodList
	)
	batch := func(resource string) right {
		return right{verb: "list", group: batchv1.GroupName, resource: resource, namespace: namespace}
	}
	return []listing{
		{apps("list", "deployments", namespace), &deployments, each(&deployments.Items, always(consumers.FromDeployment))},
		{apps("list", "statefulsets", namespace), &statefulSets, each(&statefulSets.Items, always(consumers.FromStatefulSet))},
		{apps("list", "daemonsets", namespace), &daemonSets, each(&daemonSets.Items, always(consumers.FromDaemonSet))},
		{apps("list", "replicasets", namespace), &replicaSets, each(&replicaSets.Items, consumers.FromReplicaSet)},
		{batch("cronjobs"), &cronJobs, each(&cronJobs.Items, always(consumers.FromCronJob))},
		{batch("jobs"), &jobs, each(&jobs.Items, consumers.FromJob)},
		{right{verb: "list", resource: "pods", namespace: namespace}, &pods, each(&pods.Items, consumers.FromPod)},
	}
}

func always[T any](from func(*T) consumers.Workload) func(*T) (consumers.Workload, bool) {
	return func(object *T) (consumers.Workload, bool) { return from(object), true }
}

// each makes workloads of items, once they are listed.
func each[T any](items *[]T, from func(*T) (consumers.Workload, bool)) func() []consumers.Workload {
	return func() []consumers.Workload {
		var found []consumers.Workload
		for i := range *items {
			if w, ok := from(&(*items)[i]); ok {
				found = append(found, w)
			}
		}
		return found
	}
}

// restart renews the Pods of a workload as "kubectl rollout restart" does.
func (s *session) restart(ctx context.Context, c consumers.Consumer) error {
	patch, err := json.Marshal(map[string]any{"spec": map[string]any{"template": map[string]any{
		"metadata": map[string]any{"annotations": map[string]string{restartedAt: s.now().Format(time.RFC3339)}},
	}}})
	if err != nil {
		return fmt.Errorf("encoding a patch: %w", err)
	}
	object := &metav1.PartialObjectMetadata{
		TypeMeta:   metav1.TypeMeta{APIVersion: appsv1.SchemeGroupVersion.String(), Kind: c.Kind},
		ObjectMeta: metav1.ObjectMeta{Namespace: c.Namespace, Name: c.Name},
	}
	if err := s.client.Patch(ctx, object, client.RawPatch(types.MergePatchType, patch)); err != nil {
		resource := strings.ToLower(c.Kind) + "s"
		return lacking(fmt.Errorf("restarting %s %s/%s: %w", c.Kind, c.Namespace, c.Name, err), apps("patch", resource, c.Namespace))
	}
	return nil
}

// kubectlName is how a kind is written on a command line.
func kubectlName(kind string) string { return strings.ToLower(kind) }
