// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package monitoring

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"
)

// errQuery is the error for a query that Prometheus refuses.
var errQuery = errors.New("the query fails")

// Numbers counts the samples that are numbers of what a query returned at each step of a time, so that a query is
// known to find something at some moment.
func (s *Server) Numbers(ctx context.Context, query string, from, to time.Time, step time.Duration) (int, error) {
	path := "/api/v1/query_range?" + url.Values{
		"query": {query}, "start": {from.Format(time.RFC3339)}, "end": {to.Format(time.RFC3339)},
		"step": {strconv.FormatFloat(step.Seconds(), 'f', -1, 64)},
	}.Encode()
	response, err := s.get(ctx, path)
	if err != nil {
		return 0, err
	}
	defer func() { _ = response.Body.Close() }()
	var answer struct {
		Status string `json:"status"`
		Error  string `json:"error"`
		Data   struct {
			Result []struct {
				Values [][2]any `json:"values"`
			} `json:"result"`
		} `json:"data"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return 0, fmt.Errorf("reading the answer to %s: %w", query, err)
	}
	if answer.Status != "success" {
		return 0, fmt.Errorf("%w: %s: %s", errQuery, query, answer.Error)
	}
	count := 0
	for _, series := range answer.Data.Result {
		for _, sample := range series.Values {
			if sample[1] != "NaN" {
				count++
			}
		}
	}
	return count, nil
}
