// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package process runs servers as child processes that cannot outlive the program that started them, and lets a
// test treat them as badly as the real world would: kill, freeze, start again.
//
// It must not know what it runs; readiness is a function that the caller gives.
package process

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

const (
	pollInterval = 50 * time.Millisecond
	logTailLines = 20
)

// Options says what to run.
type Options struct {
	// Name names the process in errors.
	Name string
	// Path of the program, and its arguments.
	Path string
	Args []string
	// Env is the whole environment; nothing is inherited.
	Env []string
	// LogFile receives standard output and error, appended over restarts.
	LogFile string
	// Ready returns nil once the process serves. It is asked again and again, each time with a context of its
	// own; nil means that a started process is a ready one.
	Ready func(ctx context.Context) error
}

// Process is a child process and all its descendants. Its methods may be called from any goroutine.
type Process struct {
	options Options

	mu  sync.Mutex
	run *run // nil before the first start
}

// run is one life of a process.
type run struct {
	cmd    *exec.Cmd
	guard  *guard
	exited chan struct{} // closed when err is set
	err    error
}

// New prepares a process without starting it.
func New(options Options) *Process { return &Process{options: options} }

// Start starts the process and returns when it is ready. If it dies before, or ctx ends, nothing is left running
// and the error contains the end of the log.
func (p *Process) Start(ctx context.Context) error {
	r, err := p.spawn()
	if err != nil {
		return fmt.Errorf("starting %s: %w", p.options.Name, err)
	}
	if err := p.waitReady(ctx, r); err != nil {
		p.Kill()
		return fmt.Errorf("starting %s: %w\n%s", p.options.Name, err, p.Log())
	}
	return nil
}

// Restart kills the process if it runs and starts it again with the same arguments.
func (p *Process) Restart(ctx context.Context) error {
	p.Kill()
	return p.Start(ctx)
}

// Stop asks the process to end (SIGTERM), waits until it has, and kills it when ctx ends first. Stopping what
// does not run is no error.
func (p *Process) Stop(ctx context.Context) error {
	r := p.current()
	if r == nil {
		return nil
	}
	_ = p.signal(syscall.SIGTERM)
	_ = p.signal(syscall.SIGCONT) // a frozen process could not follow
	select {
	case <-r.exited:
		p.Kill() // its descendants
		return nil
	case <-ctx.Done():
		p.Kill()
		return fmt.Errorf("stopping %s: %w", p.options.Name, ctx.Err())
	}
}

// Kill ends the process and its descendants at once (SIGKILL) and returns when they are gone.
func (p *Process) Kill() {
	if r := p.current(); r != nil {
		r.guard.killGroup()
		<-r.exited
	}
}

// Pause freezes the process (SIGSTOP): its connections stay open, and once Pause has returned nothing answers.
func (p *Process) Pause() error {
	if err := p.signal(syscall.SIGSTOP); err != nil {
		return err
	}
	if err := p.current().awaitFrozen(); err != nil {
		return fmt.Errorf("freezing %s: %w", p.options.Name, err)
	}
	return nil
}

// Resume lets a frozen process go on.
func (p *Process) Resume() error { return p.signal(syscall.SIGCONT) }

// Running reports whether the process lives, frozen or not.
func (p *Process) Running() bool {
	r := p.current()
	if r == nil {
		return false
	}
	select {
	case <-r.exited:
		return false
	default:
		return true
	}
}

// Exited returns a channel that is closed when the current life of the process ends. It is nil before the first start.
func (p *Process) Exited() <-chan struct{} {
	if r := p.current(); r != nil {
		return r.exited
	}
	return nil
}

// PID is the process id of the current or last life, 0 before the first.
func (p *Process) PID() int {
	if r := p.current(); r != nil {
		return r.cmd.Process.Pid
	}
	return 0
}

// LogFile is the path of the log.
func (p *Process) LogFile() string { return p.options.LogFile }

// Log is the end of the log, for error messages.
func (p *Process) Log() string { return tail(p.options.LogFile, logTailLines) }

func (p *Process) current() *run {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.run
}

func (p *Process) signal(s syscall.Signal) error {
	r := p.current()
	if r == nil {
		return fmt.Errorf("signalling %s: %w", p.options.Name, os.ErrProcessDone)
	}
	if err := r.cmd.Process.Signal(s); err != nil {
		return fmt.Errorf("signalling %s: %w", p.options.Name, err)
	}
	return nil
}

// spawn begins a new life.
func (p *Process) spawn() (*run, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.run != nil {
		select {
		case <-p.run.exited:
			p.run.guard.killGroup() // what a process that died by itself left behind
		default:
			return nil, errors.New("it is running already")
		}
	}
	log, err := os.OpenFile(p.options.LogFile, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the log: %w", err)
	}
	defer log.Close() //nolint:errcheck // The child has its own descriptor.
	guard, err := startGuard()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(p.options.Path, p.options.Args...) //nolint:noctx // Its life ends with Stop or Kill.
	cmd.Env = p.options.Env
	if cmd.Env == nil {
		cmd.Env = []string{} // nil would inherit
	}
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = guard.member()
	if err := cmd.Start(); err != nil {
		guard.killGroup()
		return nil, err
	}
	r := &run{cmd: cmd, guard: guard, exited: make(chan struct{})}
	go func() {
		r.err = cmd.Wait()
		close(r.exited)
	}()
	p.run = r
	return r, nil
}

// waitReady polls until the process is ready, has died, or ctx ends.
func (p *Process) waitReady(ctx context.Context, r *run) error {
	if p.options.Ready == nil {
		return nil
	}
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		attempt, cancel := context.WithTimeout(ctx, time.Second)
		notReady := p.options.Ready(attempt)
		cancel()
		if notReady == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-r.exited:
			return fmt.Errorf("it exited: %w", cmp.Or(r.err, errors.New("status 0")))
		case <-ctx.Done():
			return fmt.Errorf("%w; not ready: %w", ctx.Err(), notReady)
		}
	}
}
