// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package binaries

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
)

// progress reads what `go build -v` prints: it counts downloaded modules and compiled packages and keeps the rest.
type progress struct {
	mu       sync.Mutex
	line     []byte // an unfinished line
	modules  int
	packages int
	messages []string
}

// Write takes a piece of the output.
func (p *progress) Write(piece []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.line = append(p.line, piece...)
	for {
		end := bytes.IndexByte(p.line, '\n')
		if end < 0 {
			return len(piece), nil
		}
		p.take(string(p.line[:end]))
		p.line = p.line[end+1:]
	}
}

func (p *progress) take(line string) {
	switch {
	case strings.HasPrefix(line, "go: downloading "):
		p.modules++
	case line != "" && !strings.ContainsAny(line, " \t:"): // nothing but an import path
		p.packages++
	default:
		p.messages = append(p.messages, line)
	}
}

// String says how far the build is.
func (p *progress) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return fmt.Sprintf("%d modules downloaded, %d packages compiled", p.modules, p.packages)
}

// Messages is what the go command said besides progress: its errors.
func (p *progress) Messages() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(append(p.messages, string(p.line)), "\n")
}
