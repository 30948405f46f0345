// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package monitoring

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"sigs.k8s.io/yaml"

	"github.com/secretsync/secretsync/test/binaries"
	"github.com/secretsync/secretsync/test/cluster/process"
)

// Server is a Prometheus or an Alertmanager.
type Server struct {
	*process.Process

	address string
}

// NewPrometheus prepares a Prometheus that keeps everything in dir. The configuration is what its file
// holds; the listening address is its own.
func NewPrometheus(dir string, configuration any) (*Server, error) {
	return newServer(dir, binaries.Prometheus, configuration, func(address, file string) []string {
		return []string{"--config.file=" + file, "--storage.tsdb.path=" + filepath.Join(dir, "data"), "--web.listen-address=" + address}
	})
}

// NewAlertmanager prepares an Alertmanager that stands alone, as NewPrometheus does a Prometheus.
func NewAlertmanager(dir string, configuration any) (*Server, error) {
	return newServer(dir, binaries.Alertmanager, configuration, func(address, file string) []string {
		return []string{
			"--config.file=" + file, "--storage.path=" + filepath.Join(dir, "data"), "--web.listen-address=" + address,
			"--cluster.listen-address=",
		}
	})
}

func newServer(dir, name string, configuration any, arguments func(address, file string) []string) (*Server, error) {
	path, err := binaries.Path(name)
	if err != nil {
		return nil, err
	}
	text, err := yaml.Marshal(configuration)
	if err != nil {
		return nil, fmt.Errorf("encoding the configuration of %s: %w", name, err)
	}
	file := filepath.Join(dir, name+".yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return nil, fmt.Errorf("writing the configuration of %s: %w", name, err)
	}
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	s := &Server{address: address}
	s.Process = process.New(process.Options{
		Name: name, Path: path, Args: arguments(address, file), LogFile: filepath.Join(dir, name+".log"), Ready: s.ready,
	})
	return s, nil
}

// Address is host and port.
func (s *Server) Address() string { return s.address }

// ready returns nil once the server says that it is ready.
func (s *Server) ready(ctx context.Context) error {
	response, err := s.get(ctx, "/-/ready")
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("asking for readiness: %s", response.Status) //nolint:err113 // nobody tells these apart
	}
	return nil
}

func (s *Server) get(ctx context.Context, path string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.address+path, nil)
	if err != nil {
		return nil, fmt.Errorf("asking for %s: %w", path, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("asking for %s: %w", path, err)
	}
	return response, nil
}

// freeAddress returns a loopback address that nobody listens on.
func freeAddress() (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("finding a free port: %w", err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String(), nil
}
