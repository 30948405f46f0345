// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"context"
	"strconv"
	"strings"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/events"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/revision"
)

// forgetRevisions deletes for good the revisions that the annotation lists, as when a value
// leaked. Their numbers stay burnt. What is served, asked for, or newest cannot be
// forgotten, and that is told.
func (r *Reconciler) forgetRevisions(ctx context.Context, run *run) error {
	numbers, err := parseNumbers(run.object.Annotations[v1alpha1.AnnotationForget])
	run.unforgotten = err
	for _, number := range numbers {
		if run.entry(number) == nil && !r.Index.Has(run.id(number)) {
			continue
		}
		if why := run.needed(number); why != "" {
			run.unforgotten = fault.New(fault.InvalidSpec, "ForgetRefused",
				"%s: revision %d is %s and stays; it can be forgotten when it is that no more", v1alpha1.AnnotationForget, number, why)
			continue
		}
		if err := r.discard(ctx, run, number); err != nil {
			return err
		}
		run.tell(events.Forgotten(number))
		run.forgotten = append(run.forgotten, number)
	}
	return nil
}

// needed says what a revision is needed for; nothing if it can be forgotten.
func (u *run) needed(number int64) string {
	switch number {
	case u.status.ServingRevision, u.decision.Serve:
		return "served"
	case u.requested:
		return "asked for"
	}
	if last := newest(u.status.History); last != nil && last.Revision == number {
		return "the newest"
	}
	return ""
}

// parseNumbers reads a list of numbers, separated by commas. Its error is an InvalidSpec.
func parseNumbers(text string) ([]int64, error) {
	if text == "" {
		return nil, nil
	}
	var numbers []int64
	for part := range strings.SplitSeq(text, ",") {
		number, err := strconv.ParseInt(strings.TrimSpace(part), 10, 64)
		if err != nil || number < 1 || number > revision.MaxNumber {
			return nil, fault.New(fault.InvalidSpec, "InvalidForget",
				"%s: %q is no list of numbers of revisions such as 3 or 3,4", v1alpha1.AnnotationForget, shortened(text))
		}
		numbers = append(numbers, number)
	}
	return numbers, nil
}
