// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"errors"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// isQuota reports whether a ResourceQuota refused the request. The API marks it by text
// alone ("exceeded quota: NAME, ..."), see k8s.io/apiserver's resourcequota plugin.
func isQuota(err error) bool {
	var status apierrors.APIStatus
	return errors.As(err, &status) && apierrors.IsForbidden(err) &&
		strings.Contains(status.Status().Message, "exceeded quota")
}
