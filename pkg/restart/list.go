// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package restart

import (
	"context"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/workload"
)

// kinds are those of workloads, in the order in which they are listed.
func kinds() []string {
	return []string{workload.KindDeployment, workload.KindStatefulSet, workload.KindDaemonSet, workload.KindRollout}
}

// wanted returns the kinds among which the workloads of a job are.
func (j *Job) wanted() []string {
	if j.Spec.ModeOrDefault() != v1alpha1.RestartTargets {
		return kinds()
	}
	return slices.DeleteFunc(kinds(), func(kind string) bool {
		return !slices.ContainsFunc(j.Spec.Targets, func(t v1alpha1.RestartTarget) bool { return t.Kind == kind })
	})
}

// chosen reports whether a workload is one of a job's.
func (j *Job) chosen(w *workload.Rolling, f facts) bool {
	switch j.Spec.ModeOrDefault() {
	case v1alpha1.RestartTargets:
		return slices.Contains(j.Spec.Targets, v1alpha1.RestartTarget{Kind: w.Kind, Name: w.Name})
	case v1alpha1.RestartSelector:
		return true // The API server has chosen.
	default:
		return j.reads(w, f)
	}
}

// list returns the workloads of a job that are of one of the kinds, one request each.
func (r *Roller) list(ctx context.Context, t *task, kinds []string) ([]workload.Rolling, error) {
	job := &t.job
	options := []client.ListOption{client.InNamespace(job.Key.Namespace)}
	if job.Spec.ModeOrDefault() == v1alpha1.RestartSelector {
		selector, err := metav1.LabelSelectorAsSelector(job.Spec.Selector)
		if err != nil || selector.Empty() {
			return nil, fault.New(fault.InvalidSpec, "InvalidSelector", "spec.restart.selector chooses nothing or cannot be read")
		}
		options = append(options, client.MatchingLabelsSelector{Selector: selector})
	}
	var found []workload.Rolling
	for _, kind := range kinds {
		err := r.listKind(ctx, kind, options, func(w workload.Rolling) {
			if job.chosen(&w, t.facts) {
				found = append(found, w)
			}
		})
		if err != nil {
			return nil, fault.FromAPI(err, "listing the "+kind+"s to restart")
		}
	}
	return found, nil
}

func (r *Roller) listKind(ctx context.Context, kind string, options []client.ListOption, take func(workload.Rolling)) error {
	switch kind {
	case workload.KindDeployment:
		var list appsv1.DeploymentList
		err := r.Live.List(ctx, &list, options...)
		each(list.Items, workload.RollingDeployment, take)
		return err //nolint:wrapcheck // the caller says what was listed
	case workload.KindStatefulSet:
		var list appsv1.StatefulSetList
		err := r.Live.List(ctx, &list, options...)
		each(list.Items, workload.RollingStatefulSet, take)
		return err //nolint:wrapcheck // the caller says what was listed
	case workload.KindDaemonSet:
		var list appsv1.DaemonSetList
		err := r.Live.List(ctx, &list, options...)
		each(list.Items, workload.RollingDaemonSet, take)
		return err //nolint:wrapcheck // the caller says what was listed
	default:
		return r.listRollouts(ctx, options, take)
	}
}

// listRollouts finds none where the cluster does not know the kind.
func (r *Roller) listRollouts(ctx context.Context, options []client.ListOption, take func(workload.Rolling)) error {
	var list unstructured.UnstructuredList
	list.SetGroupVersionKind(workload.RolloutVersion().WithKind(workload.KindRollout + "List"))
	err := r.Live.List(ctx, &list, options...)
	if meta.IsNoMatchError(err) || apierrors.IsNotFound(err) {
		return nil
	}
	for i := range list.Items {
		w, ok := workload.RollingRollout(&list.Items[i])
		if holder := workload.TemplateHolder(&list.Items[i]); holder != "" {
			w, ok, err = r.referrer(ctx, &list.Items[i], holder)
		}
		if err != nil {
			return err
		}
		if ok {
			take(w)
		}
	}
	return err //nolint:wrapcheck // the caller says what was listed
}

// referrer returns a Rollout with the Pod template that a Deployment holds for it; ok is false
// if there is no such Deployment.
func (r *Roller) referrer(ctx context.Context, rollout *unstructured.Unstructured, holder string) (w workload.Rolling, ok bool, err error) {
	var list appsv1.DeploymentList
	err = r.Live.List(ctx, &list, client.InNamespace(rollout.GetNamespace()), client.MatchingFields{metav1.ObjectNameField: holder})
	if err != nil || len(list.Items) == 0 {
		return workload.Rolling{}, false, err //nolint:wrapcheck // the caller says what was listed
	}
	return workload.RollingReferrer(rollout, &list.Items[0]), true, nil
}

// withoutHolders drops the Deployments that hold a Pod template for a Rollout: that is what
// runs, and what is awaited.
func withoutHolders(found []workload.Rolling) []workload.Rolling {
	holders := map[string]bool{}
	for i := range found {
		holders[found[i].Holder] = true
	}
	return slices.DeleteFunc(found, func(w workload.Rolling) bool { return w.Kind == workload.KindDeployment && holders[w.Name] })
}

func each[T any](items []T, from func(*T) workload.Rolling, take func(workload.Rolling)) {
	for i := range items {
		take(from(&items[i]))
	}
}
