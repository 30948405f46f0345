// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package judges

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// question and answer are those of the program in the folder externalsecrets.
type (
	question struct {
		Method       string `json:"method"`
		Path         string `json:"path"`
		Recursive    bool   `json:"recursive"`
		Expand       bool   `json:"expand"`
		Key          string `json:"key"`
		Property     string `json:"property"`
		Find         string `json:"find"`
		ClientSecret string `json:"clientSecret"`
	}
	answer struct {
		Values  map[string]string `json:"values"`
		Missing bool              `json:"missing"`
		Status  int               `json:"status"`
	}
	// exchange is a question, and the answer that it must get.
	exchange struct {
		question question
		want     answer
	}
)

const login = `{"user":"jane","port":5432}`

func TestExternalSecrets(t *testing.T) {
	program := buildExternalSecrets(t)
	cases := externalReads()
	maps.Copy(cases, externalRefusals())
	for name, options := range generations() {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, options)
			check(t, w.Admin.CreateSecrets(t.Context(), w.at("/"), map[string]string{"LOGIN": login}))
			answers := w.askExternalSecrets(t, program, cases)
			if len(answers) != len(cases) {
				t.Errorf("%d answers to %d questions", len(answers), len(cases))
			}
			for name, tc := range cases {
				if diff := cmp.Diff(tc.want, answers[name]); diff != "" {
					t.Errorf("%s (-want +got): %s", name, diff)
				}
			}
		})
	}
}

func externalReads() map[string]exchange {
	values := func(v map[string]string) answer { return answer{Values: v} }
	return map[string]exchange{
		"ListRoot": {
			question{Method: "list", Path: "/"},
			values(map[string]string{"PLAIN": "three", "COMPOSED": "<${PLAIN}>", "LOGIN": login}),
		},
		"ListExpanded": {
			question{Method: "list", Path: "/", Expand: true},
			values(map[string]string{"PLAIN": "three", "COMPOSED": "<three>", "LOGIN": login}),
		},
		// This client takes the last import that has a key, as the server means it.
		"ListImports": {
			question{Method: "list", Path: "/api"},
			values(map[string]string{"DIRECT": "direct", "LOG": "own", "ONLY_FIRST": "first", "BOTH": "second"}),
		},
		"ListRecursively": {
			question{Method: "list", Path: "/api", Recursive: true},
			values(map[string]string{"DIRECT": "direct", "LOG": "own", "ONLY_FIRST": "first", "BOTH": "second", "DEEP": "deep"}),
		},
		"ListByName": {
			question{Method: "list", Path: "/api", Find: "^(LOG|BOTH)$"},
			values(map[string]string{"LOG": "own", "BOTH": "second"}),
		},
		"ListByNameOfNone": {question{Method: "list", Path: "/api", Find: "^NONE$"}, answer{}},
		"Get":              {question{Method: "get", Path: "/", Key: "PLAIN"}, values(map[string]string{"PLAIN": "three"})},
		"GetInFolder":      {question{Method: "get", Path: "/api/deep", Key: "DEEP"}, values(map[string]string{"DEEP": "deep"})},
		"GetAsWritten": {
			question{Method: "get", Path: "/", Key: "COMPOSED"}, values(map[string]string{"COMPOSED": "<${PLAIN}>"}),
		},
		"GetExpanded": {
			question{Method: "get", Path: "/", Key: "COMPOSED", Expand: true}, values(map[string]string{"COMPOSED": "<three>"}),
		},
		"GetImported": {question{Method: "get", Path: "/api", Key: "BOTH"}, values(map[string]string{"BOTH": "second"})},
		"GetProperty": {
			question{Method: "get", Path: "/", Key: "LOGIN", Property: "user"}, values(map[string]string{"LOGIN": "jane"}),
		},
		"Map": {
			question{Method: "map", Path: "/", Key: "LOGIN"}, values(map[string]string{"user": "jane", "port": "5432"}),
		},
		"Validate": {question{Method: "validate", Path: "/"}, values(map[string]string{"result": "Ready"})},
	}
}

func externalRefusals() map[string]exchange {
	missing, unauthorized := answer{Missing: true}, answer{Status: http.StatusUnauthorized}
	return map[string]exchange{
		"GetNothing":      {question{Method: "get", Path: "/", Key: "NONE"}, missing},
		"GetNowhere":      {question{Method: "get", Path: "/none", Key: "PLAIN"}, missing},
		"MapOfNothing":    {question{Method: "map", Path: "/", Key: "NONE"}, missing},
		"ListNowhere":     {question{Method: "list", Path: "/none"}, answer{Status: http.StatusNotFound}},
		"ValidateNowhere": {question{Method: "validate", Path: "/none"}, answer{Status: http.StatusNotFound}},
		"LogInWrongly":    {question{Method: "validate", Path: "/", ClientSecret: "wrong"}, unauthorized},
	}
}

// askExternalSecrets puts all questions to the program.
func (w *world) askExternalSecrets(t *testing.T, program string, cases map[string]exchange) map[string]answer {
	t.Helper()
	questions := make(map[string]question, len(cases))
	for name, tc := range cases {
		questions[name] = tc.question
	}
	input, err := json.Marshal(map[string]any{
		"address": w.Address, "clientId": w.login.ClientID, "clientSecret": w.login.ClientSecret,
		"project": w.project.Slug, "environment": "dev", "questions": questions,
	})
	check(t, err)
	run := exec.CommandContext(t.Context(), program)
	if len(w.CA) > 0 {
		// The provider of that release trusts what the machine does.
		ca := filepath.Join(t.TempDir(), "ca.pem")
		check(t, os.WriteFile(ca, w.CA, 0o600))
		run.Env = append(os.Environ(), "SSL_CERT_FILE="+ca)
	}
	var complaints bytes.Buffer
	run.Stdin, run.Stderr = bytes.NewReader(input), &complaints
	output, err := run.Output()
	if err != nil {
		t.Fatalf("running the provider of External Secrets: %v\n%s", err, &complaints)
	}
	var answers map[string]answer
	check(t, json.Unmarshal(output, &answers))
	return answers
}

// buildExternalSecrets compiles the program of the folder externalsecrets, a module of its own.
func buildExternalSecrets(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "externalsecrets")
	build := exec.CommandContext(t.Context(), "go", "build", "-C", "externalsecrets", "-o", program, ".")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the provider of External Secrets: %v\n%s", err, output)
	}
	return program
}
