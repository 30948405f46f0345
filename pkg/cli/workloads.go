// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/workload"
)

// workloads returns what of a namespace may read a Secret, and in words what could not be
// listed; empty if everything could.
func (s *session) workloads(ctx context.Context, namespace string) (found []workload.Workload, gap string) {
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
	found func() []workload.Workload
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
		{apps("list", "deployments", namespace), &deployments, each(&deployments.Items, always(workload.FromDeployment))},
		{apps("list", "statefulsets", namespace), &statefulSets, each(&statefulSets.Items, always(workload.FromStatefulSet))},
		{apps("list", "daemonsets", namespace), &daemonSets, each(&daemonSets.Items, always(workload.FromDaemonSet))},
		{apps("list", "replicasets", namespace), &replicaSets, each(&replicaSets.Items, workload.FromReplicaSet)},
		{batch("cronjobs"), &cronJobs, each(&cronJobs.Items, always(workload.FromCronJob))},
		{batch("jobs"), &jobs, each(&jobs.Items, workload.FromJob)},
		{right{verb: "list", resource: "pods", namespace: namespace}, &pods, each(&pods.Items, workload.FromPod)},
	}
}

func always[T any](from func(*T) workload.Workload) func(*T) (workload.Workload, bool) {
	return func(object *T) (workload.Workload, bool) { return from(object), true }
}

// each makes workloads of items, once they are listed.
func each[T any](items *[]T, from func(*T) (workload.Workload, bool)) func() []workload.Workload {
	return func() []workload.Workload {
		var found []workload.Workload
		for i := range *items {
			if w, ok := from(&(*items)[i]); ok {
				found = append(found, w)
			}
		}
		return found
	}
}
