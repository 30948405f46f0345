// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"fmt"
	"io"
	stdlog "log"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// auditLogger names the logger of what is served, whose lines are written at every level.
const auditLogger = "audit"

// NewLogger returns a logger of JSON lines with ISO 8601 times.
func NewLogger(out io.Writer, level string) (*zap.Logger, error) {
	parsed, err := zapcore.ParseLevel(level)
	if err != nil {
		return nil, fmt.Errorf("--log-level: %w", err)
	}
	encoder := zap.NewProductionEncoderConfig()
	encoder.TimeKey = "time"
	encoder.EncodeTime = zapcore.ISO8601TimeEncoder
	core := zapcore.NewCore(zapcore.NewJSONEncoder(encoder), zapcore.Lock(zapcore.AddSync(out)), parsed)
	return zap.New(auditCore{core}), nil
}

// auditCore lets through what auditLogger says, whatever the level.
type auditCore struct{ zapcore.Core }

// Enabled reports whether an entry of that level may be written.
func (c auditCore) Enabled(level zapcore.Level) bool {
	return level >= zapcore.InfoLevel || c.Core.Enabled(level)
}

// With adds fields.
func (c auditCore) With(fields []zapcore.Field) zapcore.Core { return auditCore{c.Core.With(fields)} }

// Check decides whether an entry is written.
func (c auditCore) Check(e zapcore.Entry, checked *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if e.LoggerName == auditLogger {
		return checked.AddCore(e, c.Core)
	}
	return c.Core.Check(e, checked)
}

// silenceStandardLog drops what packages write to Go's standard logger. Ours do not, but
// net/http does: it quotes, as it came, what a server sends unasked on an idle connection,
// and from a backend that may be a secret.
func silenceStandardLog() { stdlog.SetOutput(io.Discard) }
