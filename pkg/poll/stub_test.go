// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

var (
	errUnavailable = fault.New(fault.Unavailable, "Sealed", "the backend is sealed")
	errDenied      = fault.New(fault.Denied, "PermissionDenied", "the policy allows no read")
	errNotFound    = fault.New(fault.NotFound, backend.ReasonEntryNotFound, "there is no such entry")
)

// stub is a backend in memory. One stub serves any number of sources.
type stub struct {
	mu        sync.Mutex
	entries   map[string]backend.Entry
	fails     map[string]error // by path
	down      error            // fails everything
	proof     error            // what ProveContainer returns
	latency   time.Duration
	latencies []time.Duration // of the reads in turn, instead of latency
	hangs     bool
	panics    bool
	openErr   error
	reads     map[string]int
	starts    map[string][]time.Time
	order     []string
	inFlight  int
	peak      int
	opened    int
	closed    int
	probed    int
	listed    int
	denied    error            // what ListVersions returns
	tagged    bool             // entries have tags, and are unchanged by them
	unchanged int              // answers that said so
	proofs    map[string]error // what ProveField returns, by field
	proven    []string
	instead   []*backend.Origin // where what was proven came from then
	versions  map[string][]string
	searched  int      // listings of folders
	searchErr error    // what ListFolder fails with
	shows     []string // names that it lists besides
	conceals  []string // names that it does not list
}

var (
	_ backend.Backend         = (*stub)(nil)
	_ backend.ContainerProver = (*stub)(nil)
	_ backend.VersionLister   = (*stub)(nil)

	_ backend.ConditionalReader = (*stub)(nil)
	_ backend.FieldProver       = (*stub)(nil)
	_ backend.FolderLister      = (*stub)(nil)
)

func newStub() *stub {
	return &stub{
		entries: map[string]backend.Entry{},
		fails:   map[string]error{},
		reads:   map[string]int{},
		starts:  map[string][]time.Time{},
	}
}

// open is a Source's Open.
func (s *stub) open() (backend.Backend, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened++
	if s.openErr != nil {
		return nil, s.openErr
	}
	return s, nil
}

// change changes the stub under its lock.
func (s *stub) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

// write makes a new version of an entry with one field.
func (s *stub) write(path, value string) {
	s.change(func() {
		last, _ := strconv.Atoi(s.entries[path].Version)
		s.entries[path] = entryOf(strconv.Itoa(last+1), value)
	})
}

func entryOf(version, value string) backend.Entry {
	return backend.Entry{
		Version:     version,
		VersionTime: time.Now(),
		Fields:      map[string]sensitive.Value{"value": sensitive.FromString(value)},
	}
}

// readsOf returns how often a path was read.
func (s *stub) readsOf(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reads[path]
}

// startsOf returns when the reads of a path started.
func (s *stub) startsOf(path string) []time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.starts[path])
}

// readsByPath returns how often each path was read.
func (s *stub) readsByPath() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.reads)
}

// opens returns how often the backend was opened.
func (s *stub) opens() int { return s.count(&s.opened) }

// closes returns how often the backend was closed.
func (s *stub) closes() int { return s.count(&s.closed) }

// flying returns how many reads are in flight, and how many there were at most.
func (s *stub) flying() (now, most int) { return s.count(&s.inFlight), s.count(&s.peak) }

func (s *stub) count(n *int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return *n
}

// total returns how many reads were made.
func (s *stub) total() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.order)
}

// Read answers after the latency with the state of some moment in between.
func (s *stub) Read(ctx context.Context, ref backend.EntryRef) (backend.Entry, error) {
	s.mu.Lock()
	s.reads[ref.Path()]++
	s.starts[ref.Path()] = append(s.starts[ref.Path()], time.Now())
	s.order = append(s.order, ref.Path())
	s.inFlight++
	s.peak = max(s.peak, s.inFlight)
	latency, hangs := s.latency, s.hangs
	if n := len(s.latencies); n > 0 {
		latency = s.latencies[len(s.order)%n]
	}
	s.mu.Unlock()
	defer s.change(func() { s.inFlight-- })

	if err := pause(ctx, latency/2, hangs); err != nil {
		return backend.Entry{}, err
	}
	entry, err := s.answer(ref)
	if s.panicking() {
		panic(entry.Fields)
	}
	if cut := pause(ctx, latency-latency/2, false); cut != nil {
		return backend.Entry{}, cut
	}
	return entry, err
}

func (s *stub) panicking() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.panics
}

func (s *stub) answer(ref backend.EntryRef) (backend.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down != nil {
		return backend.Entry{}, s.down
	}
	if err := s.fails[ref.Path()]; err != nil {
		return backend.Entry{}, err
	}
	entry, ok := s.entries[ref.Path()]
	if !ok {
		return backend.Entry{}, errNotFound
	}
	if s.tagged {
		entry.Tag = "tag of " + entry.Version
	}
	return entry, nil
}

// ReadUnless reads, and tells nothing but that the tag still stands if it does.
func (s *stub) ReadUnless(ctx context.Context, ref backend.EntryRef, tag string) (backend.Entry, bool, error) {
	entry, err := s.Read(ctx, ref)
	if err != nil || entry.Tag != tag {
		return entry, false, err
	}
	s.change(func() { s.unchanged++ })
	return backend.Entry{}, true, nil
}

// ProveField answers with the proof that was set for the field.
func (s *stub) ProveField(_ context.Context, _ backend.EntryRef, field backend.Field, shown *backend.Origin) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.proven = append(s.proven, field.Name)
	s.instead = append(s.instead, shown)
	return s.proofs[field.Name]
}

// proofsMade returns how many fields were asked for by name.
func (s *stub) proofsMade() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.proven)
}

func pause(ctx context.Context, d time.Duration, forever bool) error {
	after := time.After(d)
	if forever {
		after = nil
	}
	select {
	case <-after:
		return nil
	case <-ctx.Done():
		return fault.New(fault.Unavailable, "Timeout", "no answer in time").Because(ctx.Err())
	}
}

func (s *stub) Probe(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.probed++
	return s.down
}

// searches returns how often a folder was listed.
func (s *stub) searches() int { return s.count(&s.searched) }

// probes returns how often the backend was probed.
func (s *stub) probes() int { return s.count(&s.probed) }

func (s *stub) Capabilities() backend.Capabilities {
	return backend.Capabilities{backend.ContainerProof, backend.Versions}
}

func (s *stub) Close(ctx context.Context) error {
	if ctx.Err() != nil {
		return errors.New("closing with an ended context cannot revoke anything")
	}
	s.change(func() { s.closed++ })
	return nil
}

func (s *stub) ProveContainer(context.Context, backend.EntryRef) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.proof
}

func ref(tb testing.TB, path string) backend.EntryRef {
	tb.Helper()
	r, err := backend.ParseRef(path, "")
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func (s *stub) ListVersions(_ context.Context, ref backend.EntryRef) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listed++
	return s.versions[ref.Path()], s.denied
}
