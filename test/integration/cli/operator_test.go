// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/revision"
)

// operate answers what the plugin asks of the SecretSyncs in all namespaces of the test
// until it ends. A rollback to a revision in refused is refused.
func (w *world) operate(refused ...int64) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = wait.PollUntilContextCancel(ctx, 20*time.Millisecond, true, func(ctx context.Context) (bool, error) {
			var list v1alpha1.SecretSyncList
			if w.client.List(ctx, &list, client.MatchingLabels{"app": "shop"}) != nil {
				return false, nil //nolint:nilerr // the next look may be better
			}
			for i := range list.Items {
				answer(ctx, w.client, &list.Items[i], refused)
			}
			return false, nil
		})
	}()
	w.t.Cleanup(func() { cancel(); <-done })
}

// answer writes the status that the operator would write. A conflict is seen to next time.
func answer(ctx context.Context, c client.Client, s *v1alpha1.SecretSync, refused []int64) {
	before := s.DeepCopy()
	answerRollback(s, refused)
	if request := s.Annotations[v1alpha1.AnnotationRefresh]; request != "" &&
		(s.Status.LastHandledRefresh == nil || s.Status.LastHandledRefresh.Request != request) {
		s.Status.LastHandledRefresh = &v1alpha1.RefreshStatus{Request: request, At: metav1.Now(), Result: s.Labels["result"]}
	}
	if b := s.Status.Blocked; b != nil && s.Annotations[v1alpha1.AnnotationAccept] == b.Token {
		s.Status.Blocked = nil
	}
	if !answerForget(ctx, c, s) {
		return
	}
	if fmt.Sprint(before.Status) == fmt.Sprint(s.Status) {
		return
	}
	if serving := s.Status.ServingRevision; serving != before.Status.ServingRevision {
		target := &corev1.Secret{Data: states()[serving-1]}
		target.Namespace, target.Name = s.Namespace, s.TargetName()
		if c.Update(ctx, target) != nil {
			return
		}
		s.Status.Served = slices.Insert(s.Status.Served, 0, v1alpha1.ServedEntry{
			Revision: serving, From: metav1.Now(), Cause: v1alpha1.CauseRollback, By: "secretsync-cli", Request: s.Annotations[v1alpha1.AnnotationRollbackTo],
		})
	}
	_ = c.Status().Update(ctx, s)
}

// answerForget deletes what is to be forgotten, and says whether it could.
func answerForget(ctx context.Context, c client.Client, s *v1alpha1.SecretSync) bool {
	for text := range strings.SplitSeq(s.Annotations[v1alpha1.AnnotationForget], ",") {
		number, _ := strconv.ParseInt(text, 10, 64)
		kept := len(s.Status.History)
		s.Status.History = slices.DeleteFunc(s.Status.History, func(e v1alpha1.HistoryEntry) bool { return e.Revision == number })
		if len(s.Status.History) == kept {
			continue
		}
		secret := &corev1.Secret{}
		secret.Namespace, secret.Name = s.Namespace, revision.ID{Name: s.Name, Number: number}.SecretName()
		if client.IgnoreNotFound(c.Delete(ctx, secret)) != nil {
			return false
		}
	}
	return true
}

func answerRollback(s *v1alpha1.SecretSync, refused []int64) {
	status := &s.Status
	request := s.Annotations[v1alpha1.AnnotationRollbackTo]
	number, _ := strconv.ParseInt(request, 10, 64)
	switch {
	case request == "":
		status.Rollback, status.ServingRevision = nil, status.NewestRevision
		meta.RemoveStatusCondition(&status.Conditions, v1alpha1.ConditionRolledBack)
	case slices.Contains(refused, number):
		meta.SetStatusCondition(&status.Conditions, metav1.Condition{
			Type: v1alpha1.ConditionRolledBack, Status: metav1.ConditionFalse, Reason: "RevisionUntrusted",
			Message: fmt.Sprintf("revision %d does not verify", number),
		})
	case status.Rollback == nil || status.Rollback.Requested != request:
		status.Rollback = &v1alpha1.RollbackStatus{Requested: request, Revision: number, Since: metav1.Now(), By: "secretsync-cli"}
		status.ServingRevision = number
		meta.SetStatusCondition(&status.Conditions, metav1.Condition{
			Type: v1alpha1.ConditionRolledBack, Status: metav1.ConditionTrue, Reason: "Held", Message: "held",
		})
	}
}
