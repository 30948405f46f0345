// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package process

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// patience bounds waiting for what takes milliseconds.
const patience = 30 * time.Second

// asParent makes the test binary start a process, print the ids of it and its child, and wait to be killed.
var asParent = flag.String("as-parent", "", "")

func TestMain(m *testing.M) {
	flag.Parse()
	if *asParent == "" {
		os.Exit(m.Run())
	}
	p := newShell(*asParent, withChild)
	if err := p.Start(context.Background()); err != nil {
		panic(err)
	}
	fmt.Println(p.PID(), childID(p))
	select {}
}

// withChild is a shell that starts a child, prints its id and waits for it.
const withChild = `sleep 1000 & echo "child $!"; wait`

func newShell(dir, script string) *Process {
	p := New(Options{
		Name:    "shell",
		Path:    "/bin/sh",
		Args:    []string{"-c", script},
		Env:     []string{"PATH=" + os.Getenv("PATH")},
		LogFile: filepath.Join(dir, "log"),
	})
	p.options.Ready = func(context.Context) error {
		if childID(p) == 0 {
			return errors.New("it has not printed its child's id")
		}
		return nil
	}
	return p
}

// childID is the last child's id that the shell printed, 0 if none.
func childID(p *Process) int {
	text, err := os.ReadFile(p.LogFile())
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text))
	if len(fields) == 0 {
		return 0
	}
	id, err := strconv.Atoi(fields[len(fields)-1])
	if err != nil {
		return 0
	}
	return id
}

// awaitGone waits until no process has that id; zombies of a foreign parent count as gone.
func awaitGone(t *testing.T, id int) {
	t.Helper()
	await(t, fmt.Sprintf("process %d is gone", id), func() bool { return state(id) == "" || state(id) == "Z" })
}

// state is the letter by which Linux calls the state of a process (proc_pid_stat(5)), empty if there is none.
func state(id int) string {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", id))
	if err != nil {
		return ""
	}
	_, afterName, _ := strings.Cut(string(stat), ") ")
	return afterName[:1]
}

func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	deadline := time.After(patience)
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waiting in vain: %s", what)
		}
	}
}

func started(t *testing.T, script string) *Process {
	t.Helper()
	p := newShell(t.TempDir(), script)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := p.Start(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	return p
}

func TestKillTakesTheDescendants(t *testing.T) {
	p := started(t, withChild)
	child := childID(p)
	if !p.Running() || state(child) == "" {
		t.Fatal("process or child does not run")
	}
	p.Kill()
	if p.Running() {
		t.Error("process runs after Kill")
	}
	awaitGone(t, child)
	p.Kill() // again does nothing
}

func TestNothingOutlivesTheProgram(t *testing.T) {
	parent := exec.CommandContext(t.Context(), os.Args[0], "-as-parent="+t.TempDir()) //nolint:gosec // This test itself.
	stdout, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	var shell, child int
	if _, err := fmt.Sscan(line, &shell, &child); err != nil {
		t.Fatal(err)
	}
	if state(shell) == "" || state(child) == "" {
		t.Fatal("process or child does not run")
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // killed, as intended
	awaitGone(t, shell)
	awaitGone(t, child)
}

func TestPauseFreezesAndResumeThaws(t *testing.T) {
	p := started(t, withChild)
	if err := p.Pause(); err != nil {
		t.Fatal(err)
	}
	if got := state(p.PID()); got != "T" {
		t.Errorf("want a process that stands when Pause returns, got state %q", got)
	}
	if !p.Running() {
		t.Error("a frozen process does not count as running")
	}
	if err := p.Resume(); err != nil {
		t.Fatal(err)
	}
	await(t, "process goes on", func() bool { return state(p.PID()) != "T" })
}

func TestRestartIsAnotherProcess(t *testing.T) {
	p := started(t, withChild)
	first, child := p.PID(), childID(p)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := p.Restart(ctx); err != nil {
		t.Fatal(err)
	}
	if p.PID() == first || !p.Running() {
		t.Errorf("after Restart: process %d (before %d), running %v", p.PID(), first, p.Running())
	}
	awaitGone(t, child)
}

func TestStartOfARunningProcessFails(t *testing.T) {
	p := started(t, withChild)
	first := p.PID()
	if err := p.Start(t.Context()); err == nil {
		t.Error("a second Start succeeds")
	}
	if p.PID() != first || !p.Running() {
		t.Error("a second Start disturbs the first")
	}
}

func TestStop(t *testing.T) {
	cases := map[string]struct {
		reason string
		script string
		frozen bool
		ctx    func(context.Context) (context.Context, context.CancelFunc)
		want   error
	}{
		"Graceful": {
			reason: "it ends by itself when asked",
			script: `trap 'exit 0' TERM; ` + withChild,
			ctx:    patiently,
		},
		"Frozen": {
			reason: "a frozen process is thawed so that it can end",
			script: `trap 'exit 0' TERM; ` + withChild,
			frozen: true,
			ctx:    patiently,
		},
		"Deaf": {
			reason: "what does not listen is killed when the context ends",
			script: `trap '' TERM; ` + withChild,
			ctx:    func(ctx context.Context) (context.Context, context.CancelFunc) { return context.WithTimeout(ctx, 0) },
			want:   context.DeadlineExceeded,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			p := started(t, tc.script)
			if tc.frozen {
				if err := p.Pause(); err != nil {
					t.Fatal(err)
				}
			}
			ctx, cancel := tc.ctx(t.Context())
			defer cancel()
			if err := p.Stop(ctx); !errors.Is(err, tc.want) {
				t.Errorf("%s: Stop = %v, want %v", tc.reason, err, tc.want)
			}
			if p.Running() {
				t.Errorf("%s: it runs after Stop", tc.reason)
			}
			awaitGone(t, childID(p))
		})
	}
}

func patiently(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, patience)
}

func TestStopOfWhatDoesNotRun(t *testing.T) {
	p := newShell(t.TempDir(), withChild)
	if err := p.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if err := p.Pause(); !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("Pause before Start = %v, want %v", err, os.ErrProcessDone)
	}
}

func TestFailedStartShowsTheLog(t *testing.T) {
	cases := map[string]struct {
		reason  string
		script  string
		timeout time.Duration
		want    string
		is      error
	}{
		"Died":  {reason: "the end of the log tells why", script: "echo 'no such flag'; exit 3", timeout: patience, want: "no such flag"},
		"Ended": {reason: "ending well is not being ready", script: "echo bye", timeout: patience, want: "status 0"},
		"Late":  {reason: "the context ends first", script: "exec sleep 1000", timeout: 100 * time.Millisecond, want: "not printed", is: context.DeadlineExceeded},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			p := newShell(t.TempDir(), tc.script)
			ctx, cancel := context.WithTimeout(t.Context(), tc.timeout)
			defer cancel()
			err := p.Start(ctx)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%s: Start = %v, want an error with %q", tc.reason, err, tc.want)
			}
			if tc.is != nil && !errors.Is(err, tc.is) {
				t.Errorf("%s: Start = %v, want an error that is %v", tc.reason, err, tc.is)
			}
			if p.Running() {
				t.Errorf("%s: it runs after a failed Start", tc.reason)
			}
		})
	}
}

func TestMissingProgramLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	p := New(Options{Name: "none", Path: filepath.Join(dir, "none"), LogFile: filepath.Join(dir, "log")})
	if err := p.Start(t.Context()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Start = %v, want %v", err, os.ErrNotExist)
	}
	if p.Running() {
		t.Error("it runs")
	}
}

func TestLogIsItsEnd(t *testing.T) {
	p := newShell(t.TempDir(), "")
	text := strings.Repeat("early\n", logTailBytes) + strings.Repeat("late\n", logTailLines)
	if err := os.WriteFile(p.LogFile(), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := p.Log(); strings.Contains(got, "early") || strings.Count(got, "late") != logTailLines {
		t.Errorf("Log is not the last %d lines: %q", logTailLines, got)
	}
}

func TestEnvironmentIsNotInherited(t *testing.T) {
	t.Setenv("VAULT_TOKEN", "inherited")
	dir := t.TempDir()
	p := New(Options{Name: "env", Path: "/bin/sh", Args: []string{"-c", `echo "token:$VAULT_TOKEN."`}, LogFile: filepath.Join(dir, "log")})
	if err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-p.Exited()
	if !strings.Contains(p.Log(), "token:.") {
		t.Errorf("the environment is inherited: %q", p.Log())
	}
	p.Kill()
}
