// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/cli/plan"
	"github.com/secretsync/secretsync/pkg/workload"
)

// restartedAt is what "kubectl rollout restart" sets on a Pod template.
const restartedAt = "kubectl.kubernetes.io/restartedAt"

// restartAll renews the Pods that keep old values, each workload once. Those whose new Pods
// would not start are left alone, and named.
func (s *session) restartAll(ctx context.Context, plans []plan.Plan) error {
	list, doomed := plan.Restarts(plans)
	if len(list)+len(doomed) == 0 {
		s.say("Nothing needs a restart: no workload keeps a value that has changed just now.")
	}
	var failed []error
	for _, c := range list {
		if err := s.restart(ctx, c); err != nil {
			failed = append(failed, err)
			continue
		}
		s.say("%s %s/%s: restarted", c.Kind, c.Namespace, c.Name)
	}
	s.sayDoomed(doomed)
	return errors.Join(failed...)
}

// unrestarted adds to an error that nothing was restarted, and what is left to be: a Pod
// may read several Secrets, and must not start with some of them back and some not.
func (s *session) unrestarted(t task, plans []plan.Plan, err error) error {
	list, doomed := plan.Restarts(plans)
	if !t.flags.restart || len(list)+len(doomed) == 0 {
		return err
	}
	s.commands("Nothing was restarted, because not everything is done. What is to be restarted once it is:", list)
	s.sayDoomed(doomed)
	return fmt.Errorf("%w; therefore nothing was restarted", err)
}

// hint says how to restart what keeps old values.
func (s *session) hint(plans []plan.Plan) {
	list, doomed := plan.Restarts(plans)
	s.commands("What keeps the old values until it is restarted:", list)
	s.sayDoomed(doomed)
}

func (s *session) commands(title string, list []workload.Consumer) {
	if len(list) > 0 {
		s.say("%s", title)
	}
	for _, c := range list {
		s.say("  kubectl rollout restart -n %s %s/%s", c.Namespace, strings.ToLower(c.Kind), c.Name)
	}
}

func (s *session) sayDoomed(list []workload.Consumer) {
	for _, c := range list {
		s.say("%s %s/%s: NOT restarted and best left so: a key that it needs is gone, and its new Pods would not start", c.Kind, c.Namespace, c.Name)
	}
}

// restart renews the Pods of a workload as "kubectl rollout restart" does.
func (s *session) restart(ctx context.Context, c workload.Consumer, options ...client.PatchOption) error {
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
	if err := s.client.Patch(ctx, object, client.RawPatch(types.MergePatchType, patch), options...); err != nil {
		resource := strings.ToLower(c.Kind) + "s"
		return lacking(fmt.Errorf("restarting %s %s/%s: %w", c.Kind, c.Namespace, c.Name, err), apps("patch", resource, c.Namespace))
	}
	return nil
}
