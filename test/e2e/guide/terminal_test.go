// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package guide

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/secretsync/secretsync/test/e2e/harness"
)

// prompt is how Vault's program asks for what nobody should see.
const prompt = "(will be hidden): "

// terminal runs a command at a terminal, as a person would, who answers what it asks once. It
// returns all that the command showed.
func terminal(t *testing.T, command *exec.Cmd, answer string) string {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	harness.Must(t, err)
	defer func() { _ = screen.Close() }()
	fd := int(screen.Fd()) //nolint:gosec // a descriptor is small
	harness.Must(t, unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	harness.Must(t, err)
	keyboard, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	harness.Must(t, err)
	command.Stdin, command.Stdout, command.Stderr = keyboard, keyboard, keyboard
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	err = command.Start()
	_ = keyboard.Close() // The command has its own; when that is closed, the screen ends.
	harness.Must(t, err)
	var shown strings.Builder
	buffer := make([]byte, 4096)
	for answered := false; ; {
		n, err := screen.Read(buffer)
		shown.Write(buffer[:n])
		if !answered && strings.Contains(shown.String(), prompt) {
			answered = true
			_, err := screen.WriteString(answer + "\n")
			harness.Must(t, err)
		}
		if err != nil {
			break
		}
	}
	if err := command.Wait(); err != nil {
		if _, ok := errors.AsType[*exec.ExitError](err); !ok {
			t.Fatal(err)
		}
	}
	return strings.ReplaceAll(shown.String(), "\r\n", "\n")
}
