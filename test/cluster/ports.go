// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// Servers get ports below the range from which Linux takes the ports of outgoing connections (32768 upwards), so
// that none is lost while its server is down.
const (
	firstPort = 20000
	lastPort  = 32000
)

// reservations are ports that no other cluster on this machine takes, whether a server listens or not: each is a
// locked file, and the system unlocks it when the process dies.
type reservations struct{ files []*os.File }

// take reserves a free loopback port.
func (r *reservations) take() (int, error) {
	dir := filepath.Join(os.TempDir(), "secretsync-ports-"+strconv.Itoa(os.Getuid()))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return 0, fmt.Errorf("reserving a port: %w", err)
	}
	for _, offset := range rand.Perm(lastPort - firstPort) { //nolint:gosec // Not a secret.
		port := firstPort + offset
		file, err := os.OpenFile(filepath.Join(dir, strconv.Itoa(port)), os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return 0, fmt.Errorf("reserving a port: %w", err)
		}
		if syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil || !isFree(port) {
			_ = file.Close()
			continue
		}
		r.files = append(r.files, file)
		return port, nil
	}
	return 0, errors.New("reserving a port: all are taken")
}

// release gives the ports back.
func (r *reservations) release() {
	for _, file := range r.files {
		_ = file.Close()
	}
	r.files = nil
}

func isFree(port int) bool {
	listener, err := net.Listen("tcp", loopback(port)) //nolint:noctx // Returns at once.
	if err != nil {
		return false
	}
	return listener.Close() == nil
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
