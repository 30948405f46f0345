// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package destination

import (
	"encoding/json"
	"strings"
	"time"
	"unicode"
)

// record is the text form of an Owner.
type record struct {
	Plan        string `json:"plan"`
	Value       string `json:"value"`
	Environment string `json:"environment,omitempty"`
	Instance    string `json:"instance,omitempty"`
	Time        string `json:"time"`
}

// Record returns the text that is kept beside a value to say whose it is.
func (o Owner) Record() string {
	text, err := json.Marshal(record{
		Plan: o.Plan, Value: o.Value, Environment: o.Environment, Instance: o.Instance,
		Time: o.Time.UTC().Format(time.RFC3339),
	})
	if err != nil { // A struct of texts always encodes.
		return ""
	}
	return string(text)
}

// ParseRecord returns the owner of a text that Record made; the zero Owner for any other. Whoever may
// write beside a place can forge one, so that a name which would begin a line of what is told,
// and be taken for a command there, is nobody's.
func ParseRecord(text string) Owner {
	var r record
	if json.Unmarshal([]byte(text), &r) != nil || r.Plan == "" || r.Value == "" {
		return Owner{}
	}
	if strings.ContainsFunc(r.Plan+r.Value+r.Environment+r.Instance, unicode.IsControl) {
		return Owner{}
	}
	at, err := time.Parse(time.RFC3339, r.Time)
	if err != nil {
		return Owner{}
	}
	return Owner{Plan: r.Plan, Value: r.Value, Environment: r.Environment, Instance: r.Instance, Time: at.UTC()}
}
