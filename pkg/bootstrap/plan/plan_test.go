// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
)

const head = `apiVersion: bootstrap.secretsync.io/v1alpha1
kind: Bootstrap
environments:
  prod: {vault: {address: "https://vault.prod"}}
  test: {vault: {address: "https://vault.test"}, instances: "pr-[0-9]+"}
  bare: {}
values:
`

func TestParse(t *testing.T) {
	text, err := os.ReadFile("testdata/bootstrap.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	stripe := plan.Value{
		Name: "stripe", Stage: "vault", From: &plan.Source{Env: "STRIPE_KEY"}, DistinctPerEnvironment: true,
		To: []plan.Destination{{Vault: "secret/payments/stripe", Field: "key", Write: plan.IfAbsent}},
	}
	if diff := cmp.Diff(stripe, p.Values[3]); diff != "" {
		t.Error(diff)
	}
	if p.Values[4].To[0].Write != plan.IfAbsent || p.Name != plan.DefaultName || p.OperatorAccess.Stage != "vault" {
		t.Errorf("defaults are not filled in: %+v", p)
	}
	if mount, path := p.Values[4].To[0].In("test", "pr-7").KV(); mount != "secret" || path != "preview/pr-7/db" {
		t.Errorf("place of the instance is %s and %s", mount, path)
	}
}

// TestProblems: each mistake is told with its line and its field, and nothing else is.
func TestProblems(t *testing.T) {
	k8s := `to: [{kubernetesSecret: a/b, key: k}]`
	cases := map[string]struct {
		text string
		want string // a part of the one problem
	}{
		"Empty":            {text: "", want: "empty"},
		"Comment":          {text: "# nothing\n", want: "empty"},
		"NoYAML":           {text: "a: b: c", want: "line 1"},
		"Scalar":           {text: "hello", want: "line 1: "},
		"TwoDocuments":     {text: head + " []\n---\na: b\n", want: "second document"},
		"Alias":            {text: "a: &x [1]\nb: *x\n", want: "line 2: b: aliases"},
		"TwiceTheKey":      {text: head + " []\nkind: Bootstrap\n", want: "line 9: kind: is there twice"},
		"Float":            {text: head + " []\nname: 1.5\n", want: "line 9: name: is neither"},
		"WrongVersion":     {text: strings.Replace(head, "v1alpha1", "v9", 1) + " []\n", want: "line 1: apiVersion: "},
		"Unknown":          {text: head + "- {name: a, stage: infra, form: {env: A}}\n", want: "line 8: values[0].form: there is no such field"},
		"WrongType":        {text: head + "- {name: a, stage: infra, from: {env: A}, check: {minLength: x}, " + k8s + "}\n", want: "values[0].check.minLength: got string, want integer"},
		"Missing":          {text: head + "- {name: a, from: {env: A}, " + k8s + "}\n", want: "line 8: values[0]: misses stage"},
		"BadName":          {text: head + "- {name: A_b, stage: infra, from: {env: A}, " + k8s + "}\n", want: "values[0].name: must match"},
		"TwoSources":       {text: head + "- {name: a, stage: infra, from: {env: A, file: b}, " + k8s + "}\n", want: "values[0].from: "},
		"NeitherSource":    {text: head + "- {name: a, stage: infra, " + k8s + "}\n", want: "values[0]: needs either from or generate"},
		"BothSources":      {text: head + "- {name: a, stage: infra, from: {env: A}, generate: {hex: 16}, " + k8s + "}\n", want: "values[0]: needs either from or generate"},
		"WeakPassword":     {text: head + "- {name: a, stage: infra, generate: {password: 8}, " + k8s + "}\n", want: "values[0].generate.password"},
		"UnknownStage":     {text: head + "- {name: a, stage: moon, from: {env: A}, " + k8s + "}\n", want: "values[0].stage: there is no stage moon"},
		"UnknownOnly":      {text: head + "- {name: a, stage: infra, only: [moon], from: {env: A}, " + k8s + "}\n", want: "values[0].only[0]: there is no environment moon"},
		"TwiceTheName":     {text: head + "- {name: a, stage: infra, from: {env: A}, " + k8s + "}\n- {name: a, stage: infra, from: {env: A}, to: [{processEnv: A}]}\n", want: "line 9: values[1].name"},
		"TwoPlaces":        {text: head + "- {name: a, stage: infra, from: {env: A}, to: [{processEnv: A, terraformVariable: b}]}\n", want: "values[0].to[0]: must name exactly one"},
		"NoPlace":          {text: head + "- {name: a, stage: infra, from: {env: A}, to: [{key: k}]}\n", want: "values[0].to[0]: must name exactly one"},
		"NoKey":            {text: head + "- {name: a, stage: infra, from: {env: A}, to: [{kubernetesSecret: a/b}]}\n", want: "values[0].to[0]: needs key"},
		"StrangeConsent":   {text: head + "- {name: a, stage: infra, from: {env: A}, to: [{processEnv: A, credential: true}]}\n", want: "values[0].to[0].credential: belongs to kubernetesSecret"},
		"StrangeField":     {text: head + "- {name: a, stage: infra, from: {env: A}, to: [{kubernetesSecret: a/b, key: k, field: f}]}\n", want: "values[0].to[0].field: belongs to vault"},
		"WriteForExec":     {text: head + "- {name: a, stage: infra, from: {env: A}, to: [{processEnv: A, write: Overwrite}]}\n", want: "values[0].to[0].write: has no meaning"},
		"FileElsewhere":    {text: head + "- {name: a, stage: infra, from: {env: A}, to: [{tfvarsFile: ../a.tfvars.json, variable: v}]}\n", want: "tfvarsFile: must lie below"},
		"DotDot":           {text: head + "- {name: a, stage: infra, only: [prod], from: {env: A}, to: [{vault: secret/../b, field: f}]}\n", want: "values[0].to[0].vault: has the segment .."},
		"MountAlone":       {text: head + "- {name: a, stage: infra, only: [prod], from: {env: A}, to: [{vault: secret, field: f}]}\n", want: "must be MOUNT/PATH"},
		"Placeholder":      {text: head + "- {name: a, stage: infra, only: [prod], from: {env: A}, to: [{vault: \"secret/{moon}\", field: f}]}\n", want: "knows no placeholders but"},
		"NoVault":          {text: head + "- {name: a, stage: infra, from: {env: A}, to: [{vault: secret/b, field: f}]}\n", want: "environment bare has no vault"},
		"NoInstances":      {text: head + "- {name: a, stage: infra, only: [prod], from: {env: A}, to: [{vault: \"secret/{instance}\", field: f}]}\n", want: "environment prod has no instances"},
		"TwiceThePlace":    {text: head + "- {name: a, stage: infra, only: [prod, test], from: {env: A}, " + k8s + "}\n- {name: b, stage: infra, only: [test, bare], from: {env: B}, " + k8s + "}\n", want: "line 9: values[1].to[0]: value a goes to"},
		"TwiceTheVariable": {text: head + "- {name: a, stage: infra, only: [prod], from: {env: A}, to: [{processEnv: TF_VAR_x}, {terraformVariable: x}]}\n", want: "goes to Terraform variable x already"},
		"AnchorOfSource":   {text: head + "- {name: a, stage: infra, from: {env: A}, to: [{kubernetesSecret: a/b, key: k, anchor: true}]}\n", want: "to[0].anchor: is for values that are generated"},
		"NoAnchor":         {text: head + "- {name: a, stage: infra, generate: {hex: 32}, to: [{processEnv: A}]}\n", want: "needs a place that it can be read back from"},
		"AnchorUnwritten":  {text: head + "- {name: a, stage: infra, generate: {hex: 32}, to: [{kubernetesSecret: a/b, key: k, anchor: true, write: Verify}, {kubernetesSecret: a/b, key: l}]}\n", want: "anchor: must be a place that is written"},
		"TwoAnchors":       {text: head + "- {name: a, stage: infra, generate: {hex: 32}, to: [{kubernetesSecret: a/b, key: k, anchor: true}, {kubernetesSecret: a/b, key: l, anchor: true}]}\n", want: "to[1].anchor: there is an anchor already"},
		"AnchorOverwrites": {text: head + "- {name: a, stage: infra, generate: {hex: 32}, to: [{kubernetesSecret: a/b, key: k, write: Overwrite}]}\n", want: "to[0].write: is the anchor"},
		"AnchorAbroad":     {text: head + "- {name: a, stage: infra, only: [test], generate: {hex: 32}, to: [{kubernetesSecret: a/b, key: k}, {vault: \"s/{instance}\", field: f}]}\n", want: "either all places"},
		"UnknownReference": {text: head + "- {name: a, stage: infra, from: {template: \"{value:b}\"}, " + k8s + "}\n", want: "from.template: there is no value b"},
		"NoReference":      {text: head + "- {name: a, stage: infra, from: {template: hunter2}, " + k8s + "}\n", want: "has no {value:NAME}"},
		"BadReference":     {text: head + "- {name: b, stage: infra, from: {env: A}}\n- {name: a, stage: infra, from: {template: \"{value:b}{value:\"}, " + k8s + "}\n", want: "has {value: that is not"},
		"BadEncoding":      {text: head + "- {name: b, stage: infra, from: {env: A}}\n- {name: a, stage: infra, from: {template: \"{value:b|rot13}\"}, " + k8s + "}\n", want: "knows no encoding rot13"},
		"ReferenceAbroad":  {text: head + "- {name: b, stage: infra, only: [prod, test], from: {env: A}}\n- {name: a, stage: infra, from: {template: \"{value:b}\"}, " + k8s + "}\n", want: "value b is not for environment bare"},
		"LaterReference":   {text: head + "- {name: b, stage: vault, generate: {hex: 32}, to: [{kubernetesSecret: a/b, key: x}]}\n- {name: a, stage: infra, from: {template: \"{value:b}\"}, " + k8s + "}\n", want: "value b is generated in a later stage, vault"},
		"SharedOfInstance": {text: head + "- {name: b, stage: infra, only: [test], generate: {hex: 32}, to: [{vault: \"s/{instance}\", field: x}]}\n- {name: a, stage: infra, only: [test], from: {template: \"{value:b}\"}, " + k8s + "}\n", want: "value b is another in each instance"},
		"Cycle":            {text: head + "- {name: a, stage: infra, from: {template: \"{value:b}\"}, " + k8s + "}\n- {name: b, stage: infra, from: {template: \"x{value:a}\"}}\n", want: "is made of itself: a -> b -> a"},
		"Nowhere":          {text: head + "- {name: a, stage: infra, from: {env: A}}\n", want: "values[0]: goes nowhere"},
		"TwiceStdin":       {text: head + "- {name: a, stage: infra, from: {stdin: true}, " + k8s + "}\n- {name: b, stage: infra, from: {stdin: true}, to: [{processEnv: A}]}\n", want: "values[1].from.stdin: value a reads"},
		"BadPattern":       {text: head + "- {name: a, stage: infra, from: {env: A}, check: {pattern: \"(\"}, " + k8s + "}\n", want: "check.pattern: is not a regular expression"},
		"Lengths":          {text: head + "- {name: a, stage: infra, from: {env: A}, check: {minLength: 9, maxLength: 8}, " + k8s + "}\n", want: "check.minLength: is more than"},
		"CheckOfGenerated": {text: head + "- {name: a, stage: infra, generate: {hex: 32}, check: {minLength: 80}, " + k8s + "}\n", want: "values[0].check: is for values that come from a source"},
		"ExpiryOfText":     {text: head + "- {name: a, stage: infra, from: {env: A}, check: {notExpiredFor: 24h}, " + k8s + "}\n", want: "check.notExpiredFor: needs format"},
		"BadInstances":     {text: strings.Replace(head, "pr-[0-9]+", "pr-[", 1) + " []\n", want: "line 5: environments.test.instances: is not"},
		"SharedClaim":      {text: strings.Replace(head, "{}", "{github: {environment: prod}}", 1) + " []\n", want: "environments.prod: has the GitHub environment prod"},
		"TwiceTheStage":    {text: head + " []\nstages: [a, a]\n", want: "line 9: stages[1]: stage a is there twice"},
		"AccessStage":      {text: head + " []\noperatorAccess: {stage: moon, vault: {auth: kubernetes, serviceAccount: a/b}}\n", want: "operatorAccess.stage: there is no stage moon"},
		"LineInField":      {text: head + "- {name: a, stage: infra, only: [prod], from: {env: A}, to: [{vault: s/a, field: \"f\\n::set-output name=x::y\"}]}\n", want: "to[0].field: must match"},
		"LineInName":       {text: head + "- {name: a, stage: infra, from: {env: A}, " + k8s + ", \"x\\n::set-output name=x::y\": 1}\n", want: "there is no such field"},
		"LineInFile":       {text: head + "- {name: a, stage: infra, from: {env: A}, to: [{tfvarsFile: \"a\\n.tfvars.json\", variable: v}]}\n", want: "tfvarsFile: must match"},
		"ScriptInAudience": {text: head + " []\noperatorAccess: {vault: {auth: kubernetes, serviceAccount: a/b, audience: \"x; touch y\"}}\n", want: "operatorAccess.vault.audience: must match"},
		"ScriptInMount":    {text: head + " []\noperatorAccess: {vault: {auth: kubernetes, serviceAccount: a/b, mount: \"x y\"}}\n", want: "operatorAccess.vault.mount: must match"},
		"DotDotInMount":    {text: head + "- {name: a, stage: infra, only: [prod], generate: {vaultAppRole: {role: r, mount: ../sys}}, " + k8s + "}\n", want: "vaultAppRole.mount: must match"},
		"UserInAddress":    {text: strings.Replace(head, "https://vault.prod", "https://me:pass@vault.prod", 1) + " []\n", want: "environments.prod.vault.address: must match"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := plan.Parse([]byte(tc.text))
			problems, ok := errors.AsType[plan.Problems](err)
			if !ok || len(problems) != 1 {
				t.Fatalf("want one problem, got %v", err)
			}
			if got := problems[0].String(); !strings.Contains(got, tc.want) {
				t.Errorf("got %q, want it to say %q", got, tc.want)
			}
			if strings.Contains(problems[0].String(), "\n") {
				t.Errorf("%q begins a line of its own", problems[0].String())
			}
			if problems[0].Line == 0 {
				t.Errorf("no line in %q", problems[0])
			}
		})
	}
}

func TestEveryProblemIsTold(t *testing.T) {
	_, err := plan.Parse([]byte(head + "- {name: a, stage: moon, from: {env: A}, to: [{key: k}]}\n- {name: a, stage: mars, from: {env: A}, to: [{key: k}]}\n"))
	problems, _ := errors.AsType[plan.Problems](err)
	if len(problems) != 5 {
		t.Errorf("want five problems, got %d: %v", len(problems), err)
	}
}

func TestDisjointEnvironmentsMayShareAPlace(t *testing.T) {
	text := head + "- {name: a, stage: infra, only: [prod], from: {env: A}, to: [{processEnv: X}]}\n- {name: b, stage: infra, only: [test], from: {env: B}, to: [{processEnv: X}]}\n- {name: c, stage: cluster, from: {env: C}, to: [{processEnv: X}]}\n"
	if _, err := plan.Parse([]byte(text)); err != nil {
		t.Error(err)
	}
}

func TestHasInstance(t *testing.T) {
	e := plan.Environment{Instances: "pr-[0-9]+|.*x"}
	for name, want := range map[string]bool{
		"pr-7": true, "pr-7x": true, "apr-7": false, "pr-": false, "": false, "../x": false, "a/x": false, "Ax": false, "pr-7\n": false,
	} {
		if got := e.HasInstance(name); got != want {
			t.Errorf("HasInstance(%q) = %v", name, got)
		}
	}
	if (plan.Environment{}).HasInstance("pr-7") {
		t.Error("an environment without instances has one")
	}
}

func TestParts(t *testing.T) {
	got := plan.Parts(`{"a":"{value:x}","b":{value:y|json}}{value:}`)
	want := []plan.Part{{Text: `{"a":"`}, {Value: "x"}, {Text: `","b":`}, {Value: "y", As: "json"}, {Text: `}{value:}`}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
