// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/util/retry"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// story is the random life of one SecretSync, and what has to be served in it.
type story struct {
	n     *harness.Tenant
	name  string
	dice  *rand.Rand
	value int // the newest in Vault
	text  string
	serve texts
	// recorded is what each revision held when it was first seen.
	recorded map[int64]texts
	told     []string
}

// value returns the nth value of an entry.
func valueOf(i int) texts { return texts{"password": fmt.Sprintf("password-number-%d", i)} }

// TestRandomHistories lets SecretSyncs live through changes, rollbacks, releases, slips of
// the pen and lost statuses, in any order and at once, while the operator is killed after
// many of its writes. What is served is always the newest or what was asked for, and no
// number ever stands for two states.
func TestRandomHistories(t *testing.T) {
	const chapters, stories = 20, 4
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	n := suite.Tenant(t)
	var dice sync.Mutex
	chance := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // a game of dice
	all := make([]*story, stories)
	for i := range all {
		all[i] = &story{
			n: n, name: "db" + strconv.Itoa(i), recorded: map[int64]texts{},
			dice: rand.New(rand.NewPCG(seed, uint64(i+1))), //nolint:gosec // see above
		}
		all[i].begin(t)
	}
	c := newCrasher(t, n)
	c.mu.Lock()
	c.spares = func() bool {
		dice.Lock()
		defer dice.Unlock()
		return chance.IntN(2) == 0
	}
	c.mu.Unlock()
	for range chapters {
		for _, s := range all {
			s.turn(t)
		}
		for _, s := range all {
			s.check(t)
		}
	}
	c.alive(t)
	for _, s := range all {
		s.check(t)
		s.n.AwaitStatus(t, s.name, "no trouble", s.trouble)
	}
	if c.deaths.Load() < chapters {
		t.Errorf("the operator was killed %d times only", c.deaths.Load())
	}
}

func (s *story) begin(t *testing.T) {
	t.Helper()
	s.change(t)
	s.n.Sync(t, s.name, onRequest, func(o *v1alpha1.SecretSync) { o.Spec.History.Limit = new(int32(20)) })
	s.n.AwaitReady(t, s.name, 1)
	s.check(t)
}

// turn makes something happen.
func (s *story) turn(t *testing.T) {
	t.Helper()
	kinds := []func(*testing.T){s.change, s.change, s.release, s.back, s.back, s.previous, s.freeze, s.slip, s.strip}
	kinds[s.dice.IntN(len(kinds))](t)
}

func (s *story) note(format string, args ...any) {
	s.told = append(s.told, fmt.Sprintf(format, args...))
}

func (s *story) change(t *testing.T) {
	t.Helper()
	s.value++
	s.note("change to %d", s.value)
	s.n.Write(t, s.name, fields{"password": valueOf(s.value)["password"]})
	if s.text == "" {
		s.serve = valueOf(s.value)
	}
	if s.value > 1 {
		s.n.Annotate(t, s.name, v1alpha1.AnnotationRefresh, strconv.Itoa(s.value))
	}
}

func (s *story) ask(t *testing.T, text string) {
	t.Helper()
	s.note("ask for %q", text)
	s.text = text
	s.n.Annotate(t, s.name, v1alpha1.AnnotationRollbackTo, text)
}

func (s *story) release(t *testing.T) {
	t.Helper()
	s.serve = valueOf(s.value)
	s.ask(t, "")
}

// back asks for a revision that exists.
func (s *story) back(t *testing.T) {
	t.Helper()
	numbers := slices.Sorted(maps.Keys(s.recorded))
	number := numbers[s.dice.IntN(len(numbers))]
	s.serve = s.recorded[number]
	s.ask(t, strconv.FormatInt(number, 10))
}

// previous asks for the revision served before, if there is one that anybody knows of. Where
// it is asked for already, it is kept.
func (s *story) previous(t *testing.T) {
	t.Helper()
	if s.text == "previous" {
		return
	}
	status := s.n.Get(t, s.name).Status
	if hold := status.Rollback; hold != nil && hold.Requested == "previous" { // A slip ended no hold.
		s.ask(t, "previous")
		return
	}
	for _, entry := range status.Served {
		if entry.Revision != status.ServingRevision {
			s.serve = s.recorded[entry.Revision]
			s.ask(t, "previous")
			return
		}
	}
}

func (s *story) freeze(t *testing.T) {
	t.Helper()
	if s.text != "current" {
		s.ask(t, "current")
	}
}

// slip asks for nothing that there is.
func (s *story) slip(t *testing.T) {
	t.Helper()
	s.ask(t, "number 3")
}

// strip takes the status away, as a backup tool does.
func (s *story) strip(t *testing.T) {
	t.Helper()
	if s.text == "number 3" {
		return // Nobody but the status knows the hold before the slip.
	}
	s.note("lose the status")
	harness.Must(t, retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		object := s.n.Get(t, s.name)
		object.Status = v1alpha1.SecretSyncStatus{}
		return s.n.Client.Status().Update(t.Context(), object)
	}))
	s.n.Annotate(t, s.name, "example.com/wake", strconv.Itoa(len(s.told)))
}

// check waits for what has to be served, and compares every revision with what it held.
func (s *story) check(t *testing.T) {
	t.Helper()
	defer func() {
		if t.Failed() {
			t.Logf("the story of %s: %s", s.name, list(s.told))
		}
	}()
	secret := s.n.AwaitSecret(t, s.name, s.serve)
	held := secret.Annotations[v1alpha1.AnnotationRevision]
	s.n.AwaitStatus(t, s.name, "revision "+held+" served, the newest value recorded, the request answered", func(o *v1alpha1.SecretSync) string {
		switch hold := o.Status.Rollback; {
		case strconv.FormatInt(o.Status.ServingRevision, 10) != held:
			return "it serves another"
		case s.text == "" && hold != nil, s.text != "" && s.text != "number 3" && (hold == nil || hold.Requested != s.text):
			return "it holds for something else"
		case !slices.ContainsFunc(slices.Collect(maps.Values(s.kept(t))), func(v texts) bool { return maps.Equal(v, valueOf(s.value)) }):
			return "it has not recorded the newest value"
		}
		return ""
	})
	for number, holds := range s.kept(t) {
		was, ok := s.recorded[number]
		if !ok {
			s.recorded[number] = holds
			continue
		}
		if diff := cmp.Diff(was, holds); diff != "" {
			t.Errorf("revision %d held something else before (-before +now):\n%s", number, diff)
		}
	}
}

func (s *story) kept(t *testing.T) map[int64]texts {
	t.Helper()
	kept := map[int64]texts{}
	for number, secret := range s.n.Revisions(t, s.name) {
		kept[number] = harness.Texts(secret)
	}
	return kept
}

// trouble tells of conditions that nothing in the story explains.
func (s *story) trouble(o *v1alpha1.SecretSync) string {
	for _, c := range o.Status.Conditions {
		expected := c.Type == v1alpha1.ConditionReady && (c.Status == "True" || s.text == "number 3") ||
			c.Type == v1alpha1.ConditionRolledBack || c.Type == v1alpha1.ConditionStalled && s.text == "number 3"
		if !expected {
			return "it has " + c.Type + " with reason " + c.Reason
		}
	}
	return ""
}
