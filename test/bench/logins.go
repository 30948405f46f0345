// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"time"

	clocktesting "k8s.io/utils/clock/testing"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/infisical"
	"github.com/secretsync/secretsync/pkg/sensitive"
	"github.com/secretsync/secretsync/test/bench/measure"
)

const (
	// loginsCommand is the first argument with which this program logs in at Infisical again
	// and again, through the operator's own backend: a process of its own, so that what it
	// holds can be told.
	loginsCommand = "logins"
	// clientSecretEnv is the environment variable with what it shows.
	clientSecretEnv = "SECRETSYNC_BENCH_CLIENT_SECRET"
	// loginsOfBackend is how often a backend logs in before it is closed and another opened.
	loginsOfBackend = 100
	// loginLooks is how often it is looked at what the process holds.
	loginLooks = 10
	// tokenLife is longer than any token lives.
	tokenLife = 365 * 24 * time.Hour
	// loginTarget is the greatest memory after all logins, in that after the first tenth.
	loginTarget = 1.10
)

// footprint is what a process holds after a number of logins.
type footprint struct {
	Logins     int `json:"logins"`
	Goroutines int `json:"goroutines"`
	// Heap is in use after a collection, Resident is RssAnon then; both in bytes.
	Heap     int64 `json:"heap"`
	Resident int64 `json:"resident"`
}

// logIn makes logins, each for a read of its own, and prints footprints as JSON.
func logIn(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet(loginsCommand, flag.ContinueOnError)
	spec := flags.String("spec", "", "the backend's specification, as JSON")
	path := flags.String("path", "", "the folder that is read")
	logins := flags.Int("logins", 0, "how often to log in")
	if err := flags.Parse(args[1:]); err != nil {
		return fmt.Errorf("parsing the flags: %w", err)
	}
	ref, err := backend.ParseRef(*path, "")
	if err != nil {
		return fmt.Errorf("reading the path: %w", err)
	}
	clock := clocktesting.NewFakeClock(time.Now())
	cfg := backend.Config{
		Credentials: shown(os.Getenv(clientSecretEnv)), Clock: clock,
		Network: backend.Network{AllowedCIDRs: []*net.IPNet{{IP: net.IPv4(127, 0, 0, 0), Mask: net.CIDRMask(8, 32)}}},
	}
	if err := json.Unmarshal([]byte(*spec), &cfg.Spec); err != nil {
		return fmt.Errorf("reading the specification: %w", err)
	}
	provider := infisical.New()
	var found []footprint
	for done := loginsOfBackend; done <= *logins; done += loginsOfBackend {
		// Each read comes after the end of the token before.
		err := using(ctx, provider, cfg, func(b backend.Backend) error {
			_, err := b.Read(ctx, ref)
			clock.Step(tokenLife)
			return err //nolint:wrapcheck // classed and complete
		})
		if err != nil {
			return err
		}
		if done%(*logins/loginLooks) == 0 {
			now, err := look(ctx, done)
			if err != nil {
				return err
			}
			found = append(found, now)
		}
	}
	return json.NewEncoder(os.Stdout).Encode(found) //nolint:wrapcheck // nothing to add
}

// using opens a backend, does something with it as often as it logs in, and closes it.
func using(ctx context.Context, provider backend.Provider, cfg backend.Config, do func(backend.Backend) error) error {
	b, err := provider.Open(cfg)
	if err != nil {
		return fmt.Errorf("opening a backend: %w", err)
	}
	for range loginsOfBackend {
		if err := do(b); err != nil {
			return errors.Join(err, b.Close(ctx))
		}
	}
	return b.Close(ctx) //nolint:wrapcheck // classed and complete
}

// shown is what a login shows, as the only key of any Secret.
type shown string

var _ backend.CredentialSource = shown("")

// SecretKey returns what a login shows.
func (s shown) SecretKey(context.Context, string, string, string) (sensitive.Value, error) {
	return sensitive.FromString(string(s)), nil
}

// ServiceAccountToken is not asked for.
func (s shown) ServiceAccountToken(context.Context, string, string, string) (sensitive.Value, error) {
	return sensitive.Value{}, errors.ErrUnsupported
}

// look tells what this process holds, once the goroutines of closed connections have ended.
func look(ctx context.Context, logins int) (footprint, error) {
	for before := 0; before != runtime.NumGoroutine(); {
		before = runtime.NumGoroutine()
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return footprint{}, err
		}
	}
	runtime.GC()
	debug.FreeOSMemory() // A second collection: what the first one had finalized is free after it.
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	resident, err := measure.RssAnon(os.Getpid())
	if err != nil {
		return footprint{}, fmt.Errorf("looking at this process: %w", err)
	}
	return footprint{Logins: logins, Goroutines: runtime.NumGoroutine(), Heap: int64(memory.HeapAlloc), Resident: resident}, nil //nolint:gosec // it fits
}

// logInOften has a process log in, and judges what it holds in the end.
func (s *suite) logInOften(ctx context.Context, server *infisicalServer) error {
	f := fleet{folders: 1, objects: 1, entries: "logins"}
	if err := server.seed(ctx, f); err != nil {
		return err
	}
	spec, err := json.Marshal(server.spec(infisicalBackend))
	if err != nil {
		return fmt.Errorf("writing a specification: %w", err)
	}
	executable, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding this program: %w", err)
	}
	logins := loginLooks * max(loginsOfBackend, s.sizes(1000)[0]/loginsOfBackend*loginsOfBackend)
	server.Forget()
	child := exec.CommandContext(ctx, executable, loginsCommand, "-spec", string(spec), "-path", f.path(0), "-logins", fmt.Sprint(logins))
	child.Env, child.Stderr = []string{clientSecretEnv + "=" + server.login.ClientSecret}, os.Stderr
	output, err := child.Output()
	if err != nil {
		return fmt.Errorf("logging in: %w", err)
	}
	var found []footprint
	if err := json.Unmarshal(output, &found); err != nil {
		return fmt.Errorf("reading what was logged: %w", err)
	}
	if made := server.logins(); made != logins || len(found) != loginLooks {
		return fmt.Errorf("%w: %d logins with %d looks, want %d with %d", errLogins, made, len(found), logins, loginLooks)
	}
	s.judgeLogins(found)
	return nil
}

var errLogins = errors.New("the logins were not those to measure")

// logins counts the logins since the last Forget.
func (i *infisicalServer) logins() (n int) {
	for _, request := range i.Requests() {
		if request.Path == "/api/v1/auth/universal-auth/login" {
			n++
		}
	}
	return n
}

func (s *suite) judgeLogins(found []footprint) {
	first, last := found[0], found[len(found)-1]
	after := fmt.Sprintf(" (after %d)", first.Logins)
	s.add(measure.Row{
		What: fmt.Sprintf("%d logins at Infisical: goroutines", last.Logins), Measured: fmt.Sprint(last.Goroutines),
		Limit: fmt.Sprint(first.Goroutines) + after, Target: "no more", Verdict: measure.Judge(last.Goroutines <= first.Goroutines),
	})
	for _, row := range []struct {
		what        string
		first, last int64
	}{
		{"the same, heap after a collection", first.Heap, last.Heap},
		{"the same, RssAnon then", first.Resident, last.Resident},
	} {
		ratio := float64(row.last) / float64(row.first)
		s.add(measure.Row{
			What: row.what, Measured: mib(row.last), Limit: mib(row.first) + after, Ratio: fmt.Sprintf("%.2f", ratio),
			Target: fmt.Sprintf("<= %.2f", loginTarget), Verdict: measure.Judge(ratio <= loginTarget),
		})
	}
}
