// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"bytes"
	stdlog "log"
	"testing"
)

func TestStandardLogIsSilent(t *testing.T) {
	before := stdlog.Writer()
	t.Cleanup(func() { stdlog.SetOutput(before) })
	var out bytes.Buffer
	stdlog.SetOutput(&out)
	silenceStandardLog()
	stdlog.Print("what a server sent")
	if out.Len() > 0 {
		t.Errorf("want nothing written, got %d bytes", out.Len())
	}
}
