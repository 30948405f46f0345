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
	return zap.New(core), nil
}

// silenceStandardLog drops what packages write to Go's standard logger. Ours do not, but
// net/http does: it quotes, as it came, what a server sends unasked on an idle connection,
// and from a backend that may be a secret.
func silenceStandardLog() { stdlog.SetOutput(io.Discard) }
