// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// FieldManager is the name under which the plugin writes. It does not begin with kubectl:
// Flux's kustomize-controller takes over the fields of every manager that does.
const FieldManager = "secretsync-cli"

// session is one command at work: its settings, and a client for the cluster they name.
type session struct {
	Options

	client    client.Client
	dynamic   dynamic.Interface
	namespace string
}

// connect makes a session of the flags. It makes no request.
func (a *app) connect() (*session, error) {
	config, err := a.flags.ToRESTConfig()
	if err != nil {
		return nil, fmt.Errorf("reading the kubeconfig: %w", err)
	}
	namespace, _, err := a.flags.ToRawKubeConfigLoader().Namespace()
	if err != nil {
		return nil, fmt.Errorf("reading the kubeconfig: %w", err)
	}
	scheme, err := newScheme()
	if err != nil {
		return nil, err
	}
	c, err := client.New(config, client.Options{Scheme: scheme, Mapper: newMapper()})
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	untyped, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	return &session{Options: a.Options, client: client.WithFieldOwner(c, FieldManager), dynamic: untyped, namespace: namespace}, nil
}

func newScheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	err := errors.Join(
		v1alpha1.AddToScheme(scheme), corev1.AddToScheme(scheme),
		appsv1.AddToScheme(scheme), batchv1.AddToScheme(scheme),
	)
	if err != nil {
		return nil, fmt.Errorf("registering types: %w", err)
	}
	return scheme, nil
}

// newMapper knows the kinds the plugin deals with, which saves asking the server which it has.
func newMapper() meta.RESTMapper {
	mapper := meta.NewDefaultRESTMapper(nil)
	kinds := map[schema.GroupVersion][]string{
		v1alpha1.GroupVersion:      {v1alpha1.KindSecretSync},
		corev1.SchemeGroupVersion:  {"Secret", "Pod"},
		appsv1.SchemeGroupVersion:  {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"},
		batchv1.SchemeGroupVersion: {"CronJob", "Job"},
	}
	for version, names := range kinds {
		for _, kind := range names {
			mapper.Add(version.WithKind(kind), meta.RESTScopeNamespace)
		}
	}
	mapper.Add(corev1.SchemeGroupVersion.WithKind("Namespace"), meta.RESTScopeRoot)
	mapper.Add(v1alpha1.GroupVersion.WithKind(v1alpha1.KindClusterSecretSync), meta.RESTScopeRoot)
	return mapper
}

// now is the present time in the zone of the person.
func (s *session) now() time.Time { return s.Clock.Now().In(s.Zone) }

// say prints a line for the person. What cannot be printed is not worth an error: the
// command's work is done or not done all the same.
func (s *session) say(format string, args ...any) {
	fmt.Fprintf(s.Out, format+"\n", args...)
}

// warn prints a line beside the command's output.
func (s *session) warn(format string, args ...any) {
	fmt.Fprintf(s.ErrOut, format+"\n", args...)
}
