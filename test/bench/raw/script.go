// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package raw

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/bench/measure"
)

// errUnknown is the error for a captured request that cannot be replayed: the raw program
// must not do less than the operator did.
var errUnknown = errors.New("no way to replay this request")

// Object is the SecretSync that a request is about.
type Object struct {
	// Namespace and Name of the SecretSync.
	Namespace, Name string
	// UID of the SecretSync.
	UID types.UID
	// Path of its entry in Vault.
	Path string
}

// Script is the requests that the operator makes for one object, in their order.
type Script struct {
	captured Object
	calls    []measure.Call
}

// NewScript makes a script of what was captured for one object, with bodies.
func NewScript(captured Object, calls []measure.Call) Script {
	return Script{captured: captured, calls: calls}
}

// Split divides a script into what serves a Secret and what follows: statuses, events.
func (s Script) Split() (serve, follow Script) {
	serve.captured, follow.captured = s.captured, s.captured
	for _, call := range s.calls {
		if call.Resource == "secrets" {
			serve.calls = append(serve.calls, call)
		} else {
			follow.calls = append(follow.calls, call)
		}
	}
	return serve, follow
}

// Calls returns the captured requests.
func (s Script) Calls() []measure.Call { return slices.Clone(s.calls) }

// request sends one prepared request.
type request func(ctx context.Context, c client.Client) error

// prepare returns the requests for another object.
func (s Script) prepare(o Object) ([]request, error) {
	requests := make([]request, 0, len(s.calls))
	for _, call := range s.calls {
		send, err := s.bind(call, o)
		if err != nil {
			return nil, err
		}
		requests = append(requests, send)
	}
	return requests, nil
}

// bind returns one request for another object.
func (s Script) bind(call measure.Call, o Object) (request, error) {
	body := s.rewrite(call.Body, o)
	switch call.Verb + " " + call.Resource {
	case "create secrets":
		return create(body, &corev1.Secret{})
	case "create events":
		return create(body, &eventsv1.Event{})
	case "patch secretsyncs/status":
		sync := &v1alpha1.SecretSync{ObjectMeta: metav1.ObjectMeta{Namespace: o.Namespace, Name: o.Name}}
		patch := client.RawPatch(patchType(body), body)
		return func(ctx context.Context, c client.Client) error { return c.Status().Patch(ctx, sync, patch) }, nil
	default:
		return nil, fmt.Errorf("%s %s %s: %w", call.Verb, call.Resource, call.Name, errUnknown)
	}
}

// patchType tells a JSON patch, which is a list, from a merge patch.
func patchType(body []byte) types.PatchType {
	if bytes.HasPrefix(body, []byte("[")) {
		return types.JSONPatchType
	}
	return types.MergePatchType
}

// rewrite puts another object into a body.
func (s Script) rewrite(body []byte, o Object) []byte {
	for _, pair := range [][2]string{
		{s.captured.Namespace, o.Namespace}, {s.captured.Name, o.Name},
		{string(s.captured.UID), string(o.UID)}, {s.captured.Path, o.Path},
	} {
		body = bytes.ReplaceAll(body, []byte(pair[0]), []byte(pair[1]))
	}
	return body
}

func create(body []byte, object client.Object) (request, error) {
	if err := json.Unmarshal(body, object); err != nil {
		return nil, fmt.Errorf("reading a captured request: %w", err)
	}
	object.SetResourceVersion("")
	return func(ctx context.Context, c client.Client) error { return c.Create(ctx, object) }, nil
}
