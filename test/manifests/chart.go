// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package manifests

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// errNoDeployment is the error for a chart that runs nothing.
var errNoDeployment = errors.New("the chart has no Deployment with a container")

// Chart is the project's chart as Helm renders it.
type Chart struct {
	// Namespace it is installed into.
	Namespace string
	// Objects in the order in which Helm installs them.
	Objects []*unstructured.Unstructured
}

// RenderOptions say what is rendered beside the chart's defaults.
type RenderOptions struct {
	// Namespace to install into.
	Namespace string
	// Values over the chart's own, and over those of File.
	Values map[string]any
	// File with values, by its path in the repository; none if empty.
	File string
	// KubeVersion of the cluster, such as 1.36.0; by default the one that Helm knows best.
	KubeVersion string
}

// RenderChart renders the chart for a namespace. The error holds what Helm says, and wraps
// binaries.ErrMissing if Helm has not been built.
func RenderChart(ctx context.Context, namespace string, values map[string]any) (*Chart, error) {
	return Render(ctx, RenderOptions{Namespace: namespace, Values: values})
}

// Render renders the chart; its errors are those of RenderChart.
func Render(ctx context.Context, o RenderOptions) (*Chart, error) {
	root, err := Root(ctx)
	if err != nil {
		return nil, err
	}
	args := []string{"template", Release, filepath.Join(root, ChartFolder), "--namespace", o.Namespace}
	if o.File != "" {
		args = append(args, "--values", filepath.Join(root, o.File))
	}
	if o.KubeVersion != "" {
		args = append(args, "--kube-version", o.KubeVersion)
	}
	out, err := Helm(ctx, o.Values, args...)
	if err != nil {
		return nil, fmt.Errorf("rendering the chart: %w", err)
	}
	chart := &Chart{Namespace: o.Namespace}
	chart.Objects, err = decode(bytes.NewReader(out))
	return chart, err
}

// decode reads the documents of a stream.
func decode(stream io.Reader) ([]*unstructured.Unstructured, error) {
	var objects []*unstructured.Unstructured
	decoder := utilyaml.NewYAMLOrJSONDecoder(stream, 4096)
	for {
		object := &unstructured.Unstructured{}
		switch err := decoder.Decode(&object.Object); {
		case errors.Is(err, io.EOF):
			return objects, nil
		case err != nil:
			return nil, fmt.Errorf("reading the rendered chart: %w", err)
		case len(object.Object) > 0:
			objects = append(objects, object)
		}
	}
}

// Namespaces returns the namespace of the chart and those of its objects.
func (c *Chart) Namespaces() []string {
	names := []string{c.Namespace}
	for _, object := range c.Objects {
		if name := object.GetNamespace(); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// Install applies the chart's objects to an existing namespace, and waits until the kinds
// are served and can be created.
func (c *Chart) Install(ctx context.Context, to client.Client) error {
	for _, object := range c.Objects {
		if err := apply(ctx, to, object.DeepCopy()); err != nil {
			return err
		}
	}
	if err := served(ctx, to); err != nil {
		return err
	}
	if !slices.ContainsFunc(c.Objects, func(o *unstructured.Unstructured) bool { return o.GetKind() == "MutatingAdmissionPolicy" }) {
		return nil
	}
	return admitted(ctx, to, c.Namespace)
}

// admitted waits until a SecretSync can be created: a policy that mutates refuses each of a
// kind that the API server serves already and whose schema it has not taken in yet.
func admitted(ctx context.Context, to client.Client, namespace string) error {
	trial := &v1alpha1.SecretSync{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "trial"},
		Spec:       v1alpha1.SecretSyncSpec{DataFrom: []v1alpha1.DataFrom{{Entry: &v1alpha1.EntrySource{Path: "trial"}}}},
	}
	var last error
	err := wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		last = to.Create(ctx, trial.DeepCopy(), client.DryRunAll)
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("creating a SecretSync on trial: %w: %w", err, last)
	}
	return nil
}

// Pod returns the specification of the Pods that the chart runs.
func (c *Chart) Pod() (corev1.PodSpec, error) {
	for _, object := range c.Objects {
		if object.GetKind() != "Deployment" {
			continue
		}
		var deployment appsv1.Deployment
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &deployment); err != nil {
			return corev1.PodSpec{}, fmt.Errorf("reading the chart's Deployment: %w", err)
		}
		if len(deployment.Spec.Template.Spec.Containers) > 0 {
			return deployment.Spec.Template.Spec, nil
		}
	}
	return corev1.PodSpec{}, errNoDeployment
}

// CommandLine returns the arguments and the environment that the chart gives the operator,
// as they are in a Pod.
func (c *Chart) CommandLine() (args, env []string, err error) {
	pod, err := c.Pod()
	if err != nil {
		return nil, nil, err
	}
	for _, variable := range pod.Containers[0].Env {
		value := variable.Value
		if from := variable.ValueFrom; from != nil {
			if from.FieldRef == nil || from.FieldRef.FieldPath != "metadata.namespace" {
				return nil, nil, fmt.Errorf("the environment variable %s: only a Pod knows its value", variable.Name) //nolint:err113 // nobody tells these apart
			}
			value = c.Namespace
		}
		env = append(env, variable.Name+"="+value)
	}
	return pod.Containers[0].Args, env, nil
}
