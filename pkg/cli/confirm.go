// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// confirmed asks a question on the error stream and reads the answer; the end of the input,
// or of the context by Ctrl-C, is a no.
func (s *session) confirmed(ctx context.Context, question string) bool {
	fmt.Fprintf(s.ErrOut, "%s [y/N] ", question)
	answers := make(chan string, 1)
	go func() {
		answer, _ := bufio.NewReader(s.In).ReadString('\n') // an input that ends is no yes
		answers <- strings.ToLower(strings.TrimSpace(answer))
	}()
	select {
	case answer := <-answers:
		fmt.Fprintln(s.ErrOut)
		return answer == "y" || answer == "yes"
	case <-ctx.Done():
		fmt.Fprintln(s.ErrOut)
		return false
	}
}

// addYes adds the flag that answers the question beforehand.
func addYes(cmd *cobra.Command, yes *bool) {
	cmd.Flags().BoolVarP(yes, "yes", "y", false, "do not ask")
}

// unless returns the question, or none if it was answered beforehand.
func unless(yes bool, question string) string {
	if yes {
		return ""
	}
	return question
}
