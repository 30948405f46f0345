// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/zapr"
	"go.uber.org/zap"

	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

func TestLinesAreJSON(t *testing.T) {
	var out bytes.Buffer
	logger, err := NewLogger(&out, "info")
	if err != nil {
		t.Fatal(err)
	}
	logger.Named("audit").Info("served", zap.Int64("revision", 3))
	zapr.NewLogger(logger).Error(errors.New("two\nlines"), "failed")
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d lines, want 2: %s", len(lines), out.String())
	}
	var line struct {
		Level, Logger, Msg, Time string
		Revision                 int64
	}
	if err := json.Unmarshal([]byte(lines[0]), &line); err != nil {
		t.Fatalf("%s: %v", lines[0], err)
	}
	if line.Level != "info" || line.Logger != "audit" || line.Msg != "served" || line.Revision != 3 {
		t.Errorf("line %+v", line)
	}
	if _, err := time.Parse("2006-01-02T15:04:05.000Z0700", line.Time); err != nil {
		t.Errorf("time %q: %v", line.Time, err)
	}
}

func TestLevels(t *testing.T) {
	for least, level := range logLevels() {
		var out bytes.Buffer
		logger, err := NewLogger(&out, level)
		if err != nil {
			t.Fatalf("level %q: %v", level, err)
		}
		logger.Debug("0")
		logger.Info("1")
		logger.Warn("2")
		logger.Error("3")
		if got, want := strings.Count(out.String(), "\n"), len(logLevels())-least; got != want {
			t.Errorf("level %q lets %d of 4 lines through, want %d", level, got, want)
		}
		out.Reset()
		logger.Named("audit").With(zap.String("secret", "db")).Info("served")
		if !strings.Contains(out.String(), `"msg":"served","secret":"db"`) {
			t.Errorf("level %q drops the audit: %s", level, &out)
		}
	}
	if _, err := NewLogger(&bytes.Buffer{}, "loud"); err == nil || !strings.Contains(err.Error(), "--log-level") {
		t.Errorf("NewLogger = %v, want an error that names the setting", err)
	}
}

// TestValuesStayOutOfTheLog: whoever logs a whole thing logs no secret.
func TestValuesStayOutOfTheLog(t *testing.T) {
	var out bytes.Buffer
	logger, err := NewLogger(&out, "debug")
	if err != nil {
		t.Fatal(err)
	}
	content := render.Content{Type: "Opaque", Data: map[string]sensitive.Value{"A": sensitive.FromString(marker)}}
	logger.Info("whole", zap.Any("content", content), zap.Reflect("again", &content), zap.String("text", fmt.Sprintf("%#v", content)))
	zapr.NewLogger(logger).Info("whole", "content", content, "value", content.Data["A"])
	if !strings.Contains(out.String(), sensitive.Redacted) || strings.Contains(out.String(), marker) || strings.Contains(out.String(), "109 52 114") {
		t.Errorf("the log holds the value, or nothing: %s", out.String())
	}
}
