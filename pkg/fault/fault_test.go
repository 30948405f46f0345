// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package fault_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/secretsync/secretsync/pkg/fault"
)

var errBoom = errors.New("boom")

// view is all that an error tells through this package.
type view struct {
	Class      fault.Class
	Reason     string
	RetryAfter time.Duration
	ForAll     bool
	Text       string
}

func viewOf(err error) view {
	v := view{Class: fault.ClassOf(err), Reason: fault.ReasonOf(err), RetryAfter: fault.RetryAfter(err), ForAll: fault.ForAll(err)}
	if err != nil {
		v.Text = err.Error()
	}
	return v
}

func TestViewOfErrors(t *testing.T) {
	denied := fault.New(fault.Denied, "PathDenied", "path %q is denied", "a/b")
	cases := map[string]struct {
		reason string
		err    error
		want   view
	}{
		"Nil": {reason: "no error has no class", err: nil},
		"Unclassed": {
			reason: "an error that carries no class is a defect of ours",
			err:    errBoom, want: view{Class: fault.Internal, Reason: "Internal", Text: "boom"},
		},
		"Classed": {err: denied, want: view{Class: fault.Denied, Reason: "PathDenied", Text: `path "a/b" is denied`}},
		"Caused": {
			err:  denied.Because(errBoom),
			want: view{Class: fault.Denied, Reason: "PathDenied", Text: `path "a/b" is denied: boom`},
		},
		"Waiting": {
			err:  denied.After(time.Minute),
			want: view{Class: fault.Denied, Reason: "PathDenied", RetryAfter: time.Minute, Text: `path "a/b" is denied`},
		},
		"ToAll": {
			err:  fmt.Errorf("reading: %w", denied.ToAll().After(time.Minute)),
			want: view{Class: fault.Denied, Reason: "PathDenied", RetryAfter: time.Minute, ForAll: true, Text: `reading: path "a/b" is denied`},
		},
		"Wrapped": {
			reason: "context on the way up changes the text and nothing else",
			err:    fmt.Errorf("reading: %w", denied.After(time.Second)),
			want:   view{Class: fault.Denied, Reason: "PathDenied", RetryAfter: time.Second, Text: `reading: path "a/b" is denied`},
		},
		"FirstOfTwo": {
			reason: "the outer class is the one that was decided on",
			err:    fault.New(fault.Unavailable, "Sealed", "sealed").Because(denied),
			want:   view{Class: fault.Unavailable, Reason: "Sealed", Text: `sealed: path "a/b" is denied`},
		},
		"Joined": {
			err:  errors.Join(errBoom, denied),
			want: view{Class: fault.Denied, Reason: "PathDenied", Text: "boom\n" + `path "a/b" is denied`},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, viewOf(tc.err)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func TestAsReturnsNilForUnclassed(t *testing.T) {
	for name, err := range map[string]error{"Nil": nil, "Unclassed": errBoom} {
		if got := fault.As(err); got != nil {
			t.Errorf("%s: As = %v, want nil", name, got)
		}
	}
}

// TestIsTellsEveryClassFromEveryOther also holds the list of classes complete.
func TestIsTellsEveryClassFromEveryOther(t *testing.T) {
	classes := fault.Classes()
	for i, class := range classes {
		err := fmt.Errorf("wrapped: %w", fault.New(class, "Reason", "message"))
		others := append(append([]fault.Class{}, classes[:i]...), classes[i+1:]...)
		if !fault.Is(err, class) || !fault.Is(err, classes...) {
			t.Errorf("%s is not itself", class)
		}
		if fault.Is(err, others...) {
			t.Errorf("%s is another class", class)
		}
		if fault.Is(err) || fault.Is(nil, class) {
			t.Errorf("%s: no error or no class matches", class)
		}
	}
	if !fault.Is(errBoom, fault.Internal) {
		t.Error("an unclassed error is not Internal")
	}
	if len(classes) != 11 {
		t.Errorf("there are %d classes: extend Classes, and the tables of pkg/status", len(classes))
	}
}

// TestBecauseAndAfterCopy: a fault may be a sentinel that many share.
func TestBecauseAndAfterCopy(t *testing.T) {
	sentinel := fault.New(fault.Throttled, "Throttled", "slow down")
	caused, waiting := sentinel.Because(errBoom), sentinel.After(time.Hour)
	both := sentinel.Because(context.Canceled).After(time.Second).Because(errBoom)
	if diff := cmp.Diff(view{fault.Throttled, "Throttled", 0, false, "slow down"}, viewOf(sentinel)); diff != "" {
		t.Errorf("the sentinel changed (-want +got):\n%s", diff)
	}
	if !errors.Is(caused, errBoom) || errors.Is(waiting, errBoom) || waiting.RetryAfter != time.Hour || caused.RetryAfter != 0 {
		t.Errorf("caused %v, waiting %v: they share state", caused, waiting)
	}
	if !errors.Is(both, errBoom) || errors.Is(both, context.Canceled) || both.RetryAfter != time.Second {
		t.Errorf("both = %v: want the last cause and the wait", both)
	}
	if diff := cmp.Diff(sentinel, caused, cmpopts.IgnoreUnexported(fault.Error{})); diff != "" {
		t.Errorf("Because changed more than the cause:\n%s", diff)
	}
}

func TestClassSurvivesWrapping(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		class := rapid.SampledFrom(fault.Classes()).Draw(t, "class")
		reason := rapid.StringMatching(`[A-Z][A-Za-z]{0,20}`).Draw(t, "reason")
		wait := time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "wait"))
		var err error = fault.New(class, reason, "%s", rapid.String().Draw(t, "message")).After(wait).Because(errBoom)
		for range rapid.IntRange(0, 4).Draw(t, "depth") {
			if rapid.Bool().Draw(t, "join") {
				err = errors.Join(context.Canceled, err)
			} else {
				err = fmt.Errorf("doing: %w", err)
			}
		}
		if fault.ClassOf(err) != class || fault.ReasonOf(err) != reason || fault.RetryAfter(err) != wait || !errors.Is(err, errBoom) {
			t.Fatalf("%v lost class, reason, wait or cause", err)
		}
	})
}
