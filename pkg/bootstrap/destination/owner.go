// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package destination

import "time"

// Owner is who wrote a value, as recorded beside it. None of it is secret. It is a claim of
// whoever may write there, made to find one's own values again, and no proof.
type Owner struct {
	// Plan is the name of the plan.
	Plan string
	// Value is the name of the value in that plan.
	Value string
	// Environment is the environment of the plan that the value was written for.
	Environment string
	// Instance is the instance of that environment, such as pr-7; empty if it has none.
	Instance string
	// Time is when it was written, in whole seconds.
	Time time.Time
}

// IsZero reports whether nobody is recorded.
func (o Owner) IsZero() bool { return o == Owner{} }

// Same reports whether both are one value of one plan for one environment and instance,
// whenever it was written.
func (o Owner) Same(other Owner) bool {
	o.Time, other.Time = time.Time{}, time.Time{}
	return o == other
}
