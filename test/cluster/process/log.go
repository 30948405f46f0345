// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package process

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// logTailBytes bounds what is read of a log, which can be large.
const logTailBytes = 16 << 10

// tail is the last lines of a file, headed by its path.
func tail(path string, lines int) string {
	text, err := readEnd(path)
	if err != nil {
		return fmt.Sprintf("(reading its log: %v)", err)
	}
	all := strings.Split(strings.TrimSpace(text), "\n")
	return fmt.Sprintf("--- end of %s\n%s", path, strings.Join(all[max(0, len(all)-lines):], "\n"))
}

func readEnd(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close() //nolint:errcheck // Only read.
	info, err := file.Stat()
	if err != nil {
		return "", err
	}
	if _, err := file.Seek(max(0, info.Size()-logTailBytes), io.SeekStart); err != nil {
		return "", err
	}
	text, err := io.ReadAll(io.LimitReader(file, logTailBytes))
	return string(text), err
}
