// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// clusterKindWords are the names by which kubectl knows a ClusterSecretSync.
func clusterKindWords() []string {
	return []string{"clustersecretsyncs", "clustersecretsync", "cssync"}
}

// clusterSecretSync returns the name of the ClusterSecretSync that an argument gives behind its
// kind; ok says whether it gives one.
func clusterSecretSync(argument string) (name string, ok bool) {
	kind, name, _ := strings.Cut(argument, "/")
	ok = slices.Contains(clusterKindWords(), strings.TrimSuffix(kind, "."+v1alpha1.GroupName))
	return name, ok && name != "" && !strings.Contains(name, "/")
}

// errOthersBlocked is the error where what is held back is not what was shown.
var errOthersBlocked = errors.New("others are held back by now: run accept again")

// acceptRemovals lets the SecretSyncs go that a ClusterSecretSync holds back.
func (s *session) acceptRemovals(ctx context.Context, f *acceptFlags, name string) error {
	fan, err := s.readFanOut(ctx, name)
	if err != nil {
		return err
	}
	blocked := fan.Status.Blocked
	if blocked == nil {
		s.say("%s: nothing is held back.", name)
		return nil
	}
	s.tellRemovals(fan)
	if !f.yes {
		if err := s.confirm(ctx, "Delete these SecretSyncs?"); err != nil {
			return err
		}
	}
	if err := s.acceptToken(ctx, fan, blocked.Token); err != nil {
		return err
	}
	if fan.Spec.Rollout.Paused() {
		s.say("%s: accepted; nothing is deleted before spec.rollout.pause ends", name)
		return nil
	}
	if !f.wait {
		s.say("%s: accepted", name)
		return nil
	}
	if err := s.awaitRemovals(ctx, name, blocked.Token, f.timeout); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	s.say("%s: accepted, and let go", name)
	return nil
}

// awaitRemovals waits until nothing is held back any more. That other SecretSyncs are by then is an
// error.
func (s *session) awaitRemovals(ctx context.Context, name, token string, timeout time.Duration) error {
	err := wait.PollUntilContextTimeout(ctx, pollOne, timeout, true, func(ctx context.Context) (bool, error) {
		now, err := s.readFanOut(ctx, name)
		if err != nil || now.Status.Blocked == nil {
			return err == nil, err
		}
		if now.Status.Blocked.Token != token {
			return false, errOthersBlocked
		}
		return false, nil
	})
	if wait.Interrupted(err) {
		return fmt.Errorf("%w; the request stands", errNoAnswer)
	}
	return err //nolint:wrapcheck // complete
}

// tellRemovals says where SecretSyncs will be deleted, and what becomes of their Secrets.
func (s *session) tellRemovals(fan *v1alpha1.ClusterSecretSync) {
	blocked := fan.Status.Blocked
	listed := strings.Join(blocked.Namespaces, ", ")
	count := int32(len(blocked.Namespaces)) //nolint:gosec // a status lists a few
	if blocked.Count != nil && *blocked.Count > count {
		listed += fmt.Sprintf(" and %d more", *blocked.Count-count)
		count = *blocked.Count
	}
	s.say("%s: the SecretSyncs of %d namespaces will be DELETED, with their revisions: %s", fan.Name, count, listed)
	if fan.Spec.SecretSync.Spec.Target.OnDelete == v1alpha1.Delete {
		s.say("Their Secrets will be DELETED with them: spec.secretSync.spec.target.onDelete is Delete.")
		return
	}
	s.say("Their Secrets stay as they are, and nothing keeps them up to date any more.")
}

// readFanOut reads a ClusterSecretSync.
func (s *session) readFanOut(ctx context.Context, name string) (*v1alpha1.ClusterSecretSync, error) {
	fan := &v1alpha1.ClusterSecretSync{}
	err := s.client.Get(ctx, types.NamespacedName{Name: name}, fan)
	if apierrors.IsNotFound(err) {
		return nil, fmt.Errorf("there is no ClusterSecretSync %q, or this cluster does not know them; another --context?: %w", name, err)
	}
	if err != nil {
		return nil, lacking(fmt.Errorf("reading ClusterSecretSync %s: %w", name, err), clusterSecretSyncs("get"))
	}
	return fan, nil
}

// acceptToken annotates a ClusterSecretSync with what stands for the SecretSyncs that may go.
func (s *session) acceptToken(ctx context.Context, fan *v1alpha1.ClusterSecretSync, token string) error {
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": map[string]string{v1alpha1.AnnotationAccept: token}}})
	if err != nil {
		return fmt.Errorf("encoding a patch: %w", err)
	}
	if err := s.client.Patch(ctx, fan.DeepCopy(), client.RawPatch(types.MergePatchType, patch)); err != nil {
		return lacking(fmt.Errorf("annotating ClusterSecretSync %s: %w", fan.Name, err), clusterSecretSyncs("patch"))
	}
	return nil
}
