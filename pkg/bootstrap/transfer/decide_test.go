// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package transfer_test

import (
	"errors"
	"testing"
	"time"

	"github.com/secretsync/secretsync/pkg/bootstrap/destination"
	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
	"github.com/secretsync/secretsync/pkg/bootstrap/transfer"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

func us() destination.Owner {
	return destination.Owner{Plan: "p", Value: "v", Environment: "prod"}
}

// holds is a place that holds a text of nobody's.
func holds(text string) destination.State {
	return destination.State{Exists: true, Readable: true, Value: sensitive.FromString(text)}
}

// ownedBy is a place that holds an old text of ours, but for what change does to its owner.
func ownedBy(change func(*destination.Owner)) destination.State {
	state := holds("old")
	state.Owner = us()
	state.Owner.Time = time.Unix(1, 0)
	change(&state.Owner)
	return state
}

func TestDecide(t *testing.T) {
	known := transfer.Want{Value: sensitive.FromString("new")}
	toBeMade := transfer.Want{State: transfer.ToBeMade}
	hidden := destination.State{Exists: true}
	cases := map[string]struct {
		mode      plan.WriteMode
		generated bool
		want      transfer.Want
		observed  destination.State
		err       error

		action  transfer.Action
		finding transfer.Finding
	}{
		"Nothing":             {mode: plan.IfAbsent, want: known, action: transfer.Create, finding: transfer.Missing},
		"NothingOverwrite":    {mode: plan.Overwrite, want: known, action: transfer.Create, finding: transfer.Missing},
		"NothingVerify":       {mode: plan.Verify, want: known, action: transfer.Refuse, finding: transfer.Missing},
		"NothingToBeMade":     {mode: plan.IfAbsent, want: toBeMade, action: transfer.Create, finding: transfer.Missing},
		"Same":                {mode: plan.IfAbsent, want: known, observed: holds("new"), action: transfer.Keep, finding: transfer.Same},
		"SameOverwrite":       {mode: plan.Overwrite, want: known, observed: holds("new"), action: transfer.Keep, finding: transfer.Same},
		"SameVerify":          {mode: plan.Verify, want: known, observed: holds("new"), action: transfer.Keep, finding: transfer.Same},
		"Other":               {mode: plan.IfAbsent, want: known, observed: holds("old"), action: transfer.Keep, finding: transfer.Differs},
		"OtherOverwrite":      {mode: plan.Overwrite, want: known, observed: holds("old"), action: transfer.Change, finding: transfer.Differs},
		"OtherVerify":         {mode: plan.Verify, want: known, observed: holds("old"), action: transfer.Refuse, finding: transfer.Differs},
		"OtherGenerated":      {mode: plan.IfAbsent, generated: true, want: known, observed: holds("old"), action: transfer.Refuse, finding: transfer.Differs},
		"CopyWithoutAnchor":   {mode: plan.IfAbsent, generated: true, want: toBeMade, observed: holds("old"), action: transfer.Refuse, finding: transfer.Differs},
		"TemplateToBeMade":    {mode: plan.IfAbsent, want: toBeMade, observed: holds("old"), action: transfer.Keep, finding: transfer.Differs},
		"TemplateOverwrite":   {mode: plan.Overwrite, want: toBeMade, observed: holds("old"), action: transfer.Change, finding: transfer.Differs},
		"TemplateVerify":      {mode: plan.Verify, want: toBeMade, observed: holds("old"), action: transfer.Refuse, finding: transfer.Differs},
		"Hidden":              {mode: plan.IfAbsent, want: known, observed: hidden, action: transfer.Keep, finding: transfer.Present},
		"HiddenOverwrite":     {mode: plan.Overwrite, want: known, observed: hidden, action: transfer.Change, finding: transfer.Present},
		"HiddenVerify":        {mode: plan.Verify, want: known, observed: hidden, action: transfer.Keep, finding: transfer.Present},
		"Ours":                {mode: plan.Overwrite, want: known, observed: ownedBy(func(*destination.Owner) {}), action: transfer.Change, finding: transfer.Differs},
		"OtherPlan":           {mode: plan.IfAbsent, want: known, observed: ownedBy(func(o *destination.Owner) { o.Plan = "q" }), action: transfer.Keep, finding: transfer.Differs},
		"OtherPlanOverwrite":  {mode: plan.Overwrite, want: known, observed: ownedBy(func(o *destination.Owner) { o.Plan = "q" }), action: transfer.Refuse, finding: transfer.Differs},
		"OtherPlanVerify":     {mode: plan.Verify, want: transfer.Want{Value: sensitive.FromString("old")}, observed: ownedBy(func(o *destination.Owner) { o.Plan = "q" }), action: transfer.Keep, finding: transfer.Same},
		"OtherEnvironment":    {mode: plan.IfAbsent, want: known, observed: ownedBy(func(o *destination.Owner) { o.Environment = "test" }), action: transfer.Refuse, finding: transfer.Differs},
		"OtherValue":          {mode: plan.IfAbsent, want: known, observed: ownedBy(func(o *destination.Owner) { o.Value = "w" }), action: transfer.Refuse, finding: transfer.Differs},
		"Sealed":              {mode: plan.IfAbsent, want: known, err: fault.New(fault.Unavailable, "Sealed", "x"), action: transfer.Unreachable, finding: transfer.Unknown},
		"NoNamespaceYet":      {mode: plan.IfAbsent, want: known, err: fault.New(fault.NotFound, "N", "x"), action: transfer.Unreachable, finding: transfer.Unknown},
		"NoRights":            {mode: plan.IfAbsent, want: known, err: fault.New(fault.Denied, "D", "x"), action: transfer.Refuse, finding: transfer.Unknown},
		"Defect":              {mode: plan.IfAbsent, want: known, err: errors.New("x"), action: transfer.Refuse, finding: transfer.Unknown},
		"AnchorUnreachable":   {mode: plan.IfAbsent, generated: true, want: transfer.Want{State: transfer.Pending}, action: transfer.Unreachable, finding: transfer.Unknown},
		"Refused":             {mode: plan.IfAbsent, want: transfer.Want{Value: sensitive.FromString("old"), Refused: "x"}, observed: holds("old"), action: transfer.Refuse, finding: transfer.Same},
		"RefusedAndDown":      {mode: plan.IfAbsent, want: transfer.Want{Refused: "x"}, err: fault.New(fault.Unavailable, "Sealed", "x"), action: transfer.Refuse, finding: transfer.Unknown},
		"RefusedAndAbsent":    {mode: plan.IfAbsent, want: transfer.Want{State: transfer.Absent, Refused: "x"}, action: transfer.Keep, finding: transfer.Present},
		"OptionalAndAbsent":   {mode: plan.Overwrite, want: transfer.Want{State: transfer.Absent}, observed: holds("old"), action: transfer.Keep, finding: transfer.Present},
		"OptionalUnreachable": {mode: plan.IfAbsent, want: transfer.Want{State: transfer.Absent}, err: errors.New("x"), action: transfer.Keep, finding: transfer.Present},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			item := transfer.Item{Mode: tc.mode, Owner: us(), Generated: tc.generated}
			if action, reason := transfer.Decide(transfer.Applying, item, tc.want, tc.observed, tc.err); action != tc.action || reason == "" && tc.want.State != transfer.Pending {
				t.Errorf("Decide: got %s, %q, want %s", action, reason, tc.action)
			}
			if finding, _ := transfer.Judge(item, tc.want, tc.observed, tc.err); finding != tc.finding {
				t.Errorf("Judge: got %s, want %s", finding, tc.finding)
			}
		})
	}
}

// TestDecideToRotate: what applying would leave is written over, if it is ours.
func TestDecideToRotate(t *testing.T) {
	known := transfer.Want{Value: sensitive.FromString("new")}
	toBeMade := transfer.Want{State: transfer.ToBeMade}
	otherPlan := ownedBy(func(o *destination.Owner) { o.Plan = "q" })
	cases := map[string]struct {
		mode      plan.WriteMode
		generated bool
		want      transfer.Want
		observed  destination.State
		err       error
		action    transfer.Action
	}{
		"Nothing":            {mode: plan.IfAbsent, want: known, action: transfer.Create},
		"NothingToBeMade":    {mode: plan.IfAbsent, generated: true, want: toBeMade, action: transfer.Create},
		"NothingVerify":      {mode: plan.Verify, want: known, action: transfer.Keep},
		"Same":               {mode: plan.IfAbsent, want: known, observed: holds("new"), action: transfer.Keep},
		"SameOverwrite":      {mode: plan.Overwrite, want: known, observed: holds("new"), action: transfer.Keep},
		"Other":              {mode: plan.IfAbsent, want: known, observed: holds("old"), action: transfer.Change},
		"OtherOverwrite":     {mode: plan.Overwrite, want: known, observed: holds("old"), action: transfer.Change},
		"OtherVerify":        {mode: plan.Verify, want: known, observed: holds("old"), action: transfer.Keep},
		"OtherGenerated":     {mode: plan.IfAbsent, generated: true, want: known, observed: holds("old"), action: transfer.Change},
		"ToBeMade":           {mode: plan.IfAbsent, generated: true, want: toBeMade, observed: holds("old"), action: transfer.Change},
		"TemplateToBeMade":   {mode: plan.IfAbsent, want: toBeMade, observed: holds("old"), action: transfer.Change},
		"Hidden":             {mode: plan.IfAbsent, want: known, observed: destination.State{Exists: true}, action: transfer.Change},
		"Ours":               {mode: plan.IfAbsent, want: known, observed: ownedBy(func(*destination.Owner) {}), action: transfer.Change},
		"OtherPlan":          {mode: plan.IfAbsent, want: known, observed: otherPlan, action: transfer.Keep},
		"OtherPlanOverwrite": {mode: plan.Overwrite, want: known, observed: otherPlan, action: transfer.Refuse},
		"OtherPlanGenerated": {mode: plan.IfAbsent, generated: true, want: toBeMade, observed: otherPlan, action: transfer.Refuse},
		"OtherPlanVerify":    {mode: plan.Verify, want: known, observed: otherPlan, action: transfer.Keep},
		"OtherEnvironment":   {mode: plan.IfAbsent, want: known, observed: ownedBy(func(o *destination.Owner) { o.Environment = "test" }), action: transfer.Refuse},
		"OtherValue":         {mode: plan.IfAbsent, want: known, observed: ownedBy(func(o *destination.Owner) { o.Value = "w" }), action: transfer.Refuse},
		"Sealed":             {mode: plan.IfAbsent, want: known, err: fault.New(fault.Unavailable, "Sealed", "x"), action: transfer.Unreachable},
		"SealedVerify":       {mode: plan.Verify, want: known, err: fault.New(fault.Unavailable, "Sealed", "x"), action: transfer.Unreachable},
		"NoRights":           {mode: plan.IfAbsent, want: known, err: fault.New(fault.Denied, "D", "x"), action: transfer.Refuse},
		"NoRightsVerify":     {mode: plan.Verify, want: known, err: fault.New(fault.Denied, "D", "x"), action: transfer.Keep},
		"AnchorUnreachable":  {mode: plan.IfAbsent, want: transfer.Want{State: transfer.Pending, Because: "x"}, action: transfer.Unreachable},
		"Refused":            {mode: plan.IfAbsent, want: transfer.Want{Value: sensitive.FromString("new"), Refused: "x"}, observed: holds("old"), action: transfer.Refuse},
		"RefusedVerify":      {mode: plan.Verify, want: transfer.Want{Value: sensitive.FromString("new"), Refused: "x"}, observed: holds("old"), action: transfer.Refuse},
		"OptionalAndAbsent":  {mode: plan.Overwrite, want: transfer.Want{State: transfer.Absent}, observed: holds("old"), action: transfer.Keep},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			item := transfer.Item{Mode: tc.mode, Owner: us(), Generated: tc.generated}
			if action, reason := transfer.Decide(transfer.Rotating, item, tc.want, tc.observed, tc.err); action != tc.action || reason == "" {
				t.Errorf("got %s, %q, want %s", action, reason, tc.action)
			}
		})
	}
}
