// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package binaries

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// progressInterval is how often a build says that it is still at work.
const progressInterval = 15 * time.Second

// Build makes the named binaries, or all servers if none is named, as far as the cache lacks them, and reports
// what it does to out. It needs the go command. Two builds at once are safe: the second waits for the first, and
// a binary appears in the cache only when complete. The error of a failed build contains the compiler's output.
func Build(ctx context.Context, out io.Writer, names ...string) error {
	wanted, err := modulesOf(names)
	if err != nil {
		return err
	}
	root, err := projectRoot()
	if err != nil {
		return err
	}
	cache, err := cacheDir()
	if err != nil {
		return err
	}
	unlock, err := lock(cache, out)
	if err != nil {
		return err
	}
	defer unlock()
	for _, m := range wanted {
		if err := m.build(ctx, root, cache, out); err != nil {
			return err
		}
	}
	return nil
}

// modulesOf returns the modules that build the named binaries, or those of all servers if none is named.
func modulesOf(names []string) ([]module, error) {
	if len(names) == 0 {
		return servers(), nil
	}
	var wanted []module
	for _, name := range names {
		at := slices.IndexFunc(modules(), func(m module) bool { return m.builds(name) })
		if at < 0 {
			return nil, fmt.Errorf("no binary is called %q", name)
		}
		wanted = append(wanted, modules()[at])
	}
	return wanted, nil
}

// build makes what the cache lacks of one module.
func (m module) build(ctx context.Context, root, cache string, out io.Writer) error {
	pins, err := m.readPins(root)
	if err != nil {
		return err
	}
	dir := filepath.Join(cache, m.folder, pins.key(m))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("preparing the cache: %w", err)
	}
	for _, b := range m.binaries {
		path := filepath.Join(dir, b.name)
		if _, err := os.Stat(path); err == nil {
			fmt.Fprintf(out, "%s: %s\n", b.name, path)
			continue
		} else if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("looking for %s: %w", b.name, err)
		}
		fmt.Fprintf(out, "%s: building %s\n", b.name, pins.version(b.source))
		// The lock keeps other builds away: what may lie there is left of one that was killed.
		unfinished := path + ".unfinished"
		cmd := exec.CommandContext(ctx, "go", append([]string{"build", "-o", unfinished}, b.buildArgs(pins)...)...)
		cmd.Dir = m.dir(root)
		if err := compile(cmd, b.name, out); err != nil {
			return err
		}
		if err := os.Rename(unfinished, path); err != nil {
			return fmt.Errorf("building %s: %w", b.name, err)
		}
		fmt.Fprintf(out, "%s: %s\n", b.name, path)
	}
	return nil
}

// compile runs one `go build` and tells from time to time how far it is.
func compile(cmd *exec.Cmd, name string, out io.Writer) error {
	start := time.Now()
	var compiler progress
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	cmd.Stdout, cmd.Stderr = &compiler, &compiler
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("building %s: %w", name, err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()

	tick := time.NewTicker(progressInterval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			fmt.Fprintf(out, "%s: %.0f s, %s\n", name, time.Since(start).Seconds(), compiler.String())
		case err := <-done:
			if err != nil {
				return fmt.Errorf("building %s: %w\n%s", name, err, compiler.Messages())
			}
			fmt.Fprintf(out, "%s: done in %.0f s, %s\n", name, time.Since(start).Seconds(), compiler.String())
			return nil
		}
	}
}

// lock makes this the only build in that cache until the returned function is called. The system releases it
// when the process dies.
func lock(cache string, out io.Writer) (unlock func(), err error) {
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return nil, fmt.Errorf("preparing the cache: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(cache, "build.lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("locking the cache: %w", err)
	}
	fd := int(file.Fd())
	err = syscall.Flock(fd, syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		fmt.Fprintln(out, "waiting for another build of the binaries")
		err = syscall.Flock(fd, syscall.LOCK_EX)
	}
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("locking the cache: %w", err)
	}
	return func() { _ = file.Close() }, nil
}
