// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is Linux' USER_HZ: the unit of CPU times in /proc, the same on every architecture.
const tick = 10 * time.Millisecond

// errFormat is the error for a file of /proc that looks otherwise than proc(5) says.
var errFormat = errors.New("unexpected format")

// CPU returns the processor time a process has used, user and system together.
func CPU(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("reading the CPU time: %w", err)
	}
	return parseCPU(text)
}

// parseCPU adds utime and stime, fields 14 and 15 of proc(5) stat. The name in field 2
// may contain anything, so counting begins after its closing parenthesis.
func parseCPU(stat []byte) (time.Duration, error) {
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 13 {
		return 0, fmt.Errorf("reading the CPU time: %w", errFormat)
	}
	var ticks int64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(string(field), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("reading the CPU time: %w", err)
		}
		ticks += n
	}
	return time.Duration(ticks) * tick, nil
}

// RssAnon returns the resident anonymous memory of a process in bytes.
func RssAnon(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("reading the memory: %w", err)
	}
	return parseRssAnon(text)
}

func parseRssAnon(status []byte) (int64, error) {
	for lines := bufio.NewScanner(bytes.NewReader(status)); lines.Scan(); {
		value, ok := strings.CutPrefix(lines.Text(), "RssAnon:")
		if !ok {
			continue
		}
		kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(value, "kB")), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("reading the memory: %w", err)
		}
		return kib << 10, nil
	}
	return 0, fmt.Errorf("reading the memory: %w", errFormat)
}

// sampling is how often memory is looked at: garbage lives longer.
const sampling = 10 * time.Millisecond

// Peak watches the resident anonymous memory of a process until ctx ends or it exits, and
// returns the most it saw, in bytes.
func Peak(ctx context.Context, pid int) int64 {
	var peak int64
	for t := time.NewTicker(sampling); ctx.Err() == nil; {
		now, err := RssAnon(pid)
		if err != nil {
			break
		}
		peak = max(peak, now)
		select {
		case <-t.C:
		case <-ctx.Done():
		}
	}
	return peak
}
