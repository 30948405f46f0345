// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 owns the API types of the group secretsync.io and the names that
// users meet: annotations, labels, condition types and reasons. It holds no behaviour
// and must not import anything but the Kubernetes API machinery.
//
// +kubebuilder:object:generate=true
// +groupName=secretsync.io
package v1alpha1
