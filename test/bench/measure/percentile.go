// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"cmp"
	"slices"
)

// Percentile returns the smallest value that at least p percent of the values do not
// exceed (the nearest rank); zero if there are none.
func Percentile[T cmp.Ordered](values []T, p int) T {
	var none T
	if len(values) == 0 {
		return none
	}
	sorted := slices.Sorted(slices.Values(values))
	rank := (p*len(sorted) + 99) / 100
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// Median returns the middle of the values, or the mean of the two in the middle; zero if
// there are none.
func Median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}
