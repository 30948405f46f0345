// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// Log follows a file of JSON lines that is being written.
type Log[T any] struct {
	path   string
	offset int64
}

// NewLog follows a file from its beginning; it need not exist yet.
func NewLog[T any](path string) *Log[T] { return &Log[T]{path: path} }

// SkipToEnd passes over the whole lines that are in the file now.
func (l *Log[T]) SkipToEnd() error {
	info, err := os.Stat(l.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("skipping a log: %w", err)
	}
	tail := make([]byte, 1<<20) // longer than any line
	from := max(l.offset, info.Size()-int64(len(tail)))
	size, err := l.chunk(tail, from)
	if err != nil {
		return err
	}
	l.offset = from + int64(bytes.LastIndexByte(tail[:size], '\n')) + 1
	return nil
}

// Read returns what was appended since the last call; a line without its end waits for
// the next one.
func (l *Log[T]) Read() ([]T, error) {
	file, err := os.Open(l.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading a log: %w", err)
	}
	defer func() { _ = file.Close() }()
	if _, err := file.Seek(l.offset, io.SeekStart); err != nil {
		return nil, fmt.Errorf("reading a log: %w", err)
	}
	var entries []T
	for lines := bufio.NewReaderSize(file, 1<<20); ; {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return entries, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", l.path, err)
		}
		var entry T
		if err := json.Unmarshal(line, &entry); err != nil {
			return nil, fmt.Errorf("reading %s: %w", l.path, err)
		}
		entries = append(entries, entry)
		l.offset += int64(len(line))
	}
}

// AwaitText waits, without reading anything and as cheaply as can be lest it disturb what
// is measured, until a text has come n times since the last Read, or ctx ends.
func (l *Log[T]) AwaitText(ctx context.Context, every time.Duration, text string, n int) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	chunk := make([]byte, 1<<20)
	for offset := l.offset; n > 0; {
		size, err := l.chunk(chunk, offset)
		if err != nil {
			return err
		}
		if end := bytes.LastIndexByte(chunk[:size], '\n') + 1; end > 0 {
			n -= bytes.Count(chunk[:end], []byte(text))
			offset += int64(end)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("following %s: %w", l.path, ctx.Err())
		}
	}
	return nil
}

// chunk reads from an offset as much as is there and fits.
func (l *Log[T]) chunk(into []byte, offset int64) (int, error) {
	file, err := os.Open(l.path)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("reading a log: %w", err)
	}
	defer func() { _ = file.Close() }()
	size, err := file.ReadAt(into, offset)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, fmt.Errorf("reading a log: %w", err)
	}
	return size, nil
}

// Await reads, every so often, until done says so of the entries read, or ctx ends.
func (l *Log[T]) Await(ctx context.Context, every time.Duration, done func([]T) bool) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		entries, err := l.Read()
		if err != nil {
			return err
		}
		if done(entries) {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("following %s: %w", l.path, ctx.Err())
		}
	}
}
