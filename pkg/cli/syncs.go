// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// scope says which SecretSyncs a command is about: one by its name, or all that a selector
// chooses in a namespace, or in all of them if it is empty.
type scope struct {
	namespace, name string
	selector        labels.Selector
}

// one is the scope of a single SecretSync of the session's namespace.
func (s *session) one(name string) scope { return scope{namespace: s.namespace, name: name} }

// find returns the SecretSyncs of a scope, by namespace and name.
func (s *session) find(ctx context.Context, in scope) ([]v1alpha1.SecretSync, error) {
	if in.name != "" {
		sync, err := s.get(ctx, in.name)
		if err != nil {
			return nil, err
		}
		return []v1alpha1.SecretSync{*sync}, nil
	}
	return s.list(ctx, in)
}

func (s *session) get(ctx context.Context, name string) (*v1alpha1.SecretSync, error) {
	sync, err := s.read(ctx, types.NamespacedName{Namespace: s.namespace, Name: name})
	if apierrors.IsNotFound(err) {
		return nil, s.absent(ctx, name, err)
	}
	return sync, err
}

// read reads one SecretSync of whichever namespace.
func (s *session) read(ctx context.Context, name types.NamespacedName) (*v1alpha1.SecretSync, error) {
	sync := &v1alpha1.SecretSync{}
	if err := s.client.Get(ctx, name, sync); err != nil {
		return nil, lacking(fmt.Errorf("reading SecretSync %s: %w", name, err), secretSyncs("get", name.Namespace))
	}
	return sync, nil
}

// maxOthers is how many names an error suggests; the others are counted.
const maxOthers = 10

// absent says which SecretSyncs there are instead.
func (s *session) absent(ctx context.Context, name string, err error) error {
	all, listErr := s.list(ctx, scope{namespace: s.namespace})
	if listErr != nil {
		return fmt.Errorf("%w (and the others cannot be listed: %w)", err, listErr)
	}
	var names []string
	for i := range all {
		names = append(names, all[i].Name)
	}
	others := "it has none; another --namespace or --context?"
	if more := len(names) - maxOthers; more > 0 {
		names = append(names[:maxOthers], fmt.Sprintf("%d more", more))
	}
	if len(names) > 0 {
		others = "it has " + strings.Join(names, ", ")
	}
	return fmt.Errorf("namespace %q has no SecretSync %q: %w; %s", s.namespace, name, err, others)
}

func (s *session) list(ctx context.Context, in scope) ([]v1alpha1.SecretSync, error) {
	list := &v1alpha1.SecretSyncList{}
	err := s.client.List(ctx, list, &client.ListOptions{Namespace: in.namespace, LabelSelector: in.selector})
	switch {
	case apierrors.IsNotFound(err):
		return nil, fmt.Errorf("listing SecretSyncs: %w: this cluster does not know them; another --context, or is SecretSync not installed?", err)
	case err != nil:
		return nil, lacking(fmt.Errorf("listing SecretSyncs: %w", err), secretSyncs("list", in.namespace))
	}
	slices.SortFunc(list.Items, func(a, b v1alpha1.SecretSync) int {
		return strings.Compare(a.Namespace+"/"+a.Name, b.Namespace+"/"+b.Name)
	})
	return list.Items, nil
}

// annotate sets annotations of a SecretSync, and removes those whose value is nil. The
// rest of the object stays as it is, whoever writes it meanwhile.
func (s *session) annotate(ctx context.Context, sync *v1alpha1.SecretSync, annotations map[string]any) error {
	return s.annotateVersion(ctx, sync, "", annotations)
}

// annotateVersion does the same to one version of the object, and is a conflict if there is
// another one by now; an empty version is any.
func (s *session) annotateVersion(
	ctx context.Context, sync *v1alpha1.SecretSync, version string, annotations map[string]any, options ...client.PatchOption,
) error {
	metadata := map[string]any{"annotations": annotations}
	if version != "" {
		metadata["resourceVersion"] = version
	}
	patch, err := json.Marshal(map[string]any{"metadata": metadata})
	if err != nil {
		return fmt.Errorf("encoding a patch: %w", err)
	}
	return s.patch(ctx, sync, patch, options...)
}

func (s *session) patch(ctx context.Context, sync *v1alpha1.SecretSync, patch []byte, options ...client.PatchOption) error {
	// A copy, because the client writes the answer into what it is given.
	err := s.client.Patch(ctx, sync.DeepCopy(), client.RawPatch(types.MergePatchType, patch), options...)
	if err != nil {
		return lacking(fmt.Errorf("annotating SecretSync %s: %w", key(sync), err), secretSyncs("patch", sync.Namespace))
	}
	return nil
}

// id is the namespace and name of a SecretSync, and key the same as a text.
func id(sync *v1alpha1.SecretSync) types.NamespacedName { return client.ObjectKeyFromObject(sync) }
func key(sync *v1alpha1.SecretSync) string              { return id(sync).String() }

// several is the scope of those that a selector chooses, nil being all.
func (s *session) several(selector labels.Selector, allNamespaces bool) scope {
	in := scope{namespace: s.namespace, selector: selector}
	if allNamespaces {
		in.namespace = ""
	}
	return in
}

func addAllNamespaces(cmd *cobra.Command, all *bool) {
	cmd.Flags().BoolVarP(all, "all-namespaces", "A", false, "look in all namespaces")
}
