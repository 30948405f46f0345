// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// errDeclined is in the chain of the error after a question that was not answered with yes.
var errDeclined = errors.New("nothing was written, because it was not confirmed")

// confirm asks a question on the error stream and reads the answer. Its error wraps
// errDeclined unless that is yes; the end of the input, or of the context by Ctrl-C, is none.
func (s *session) confirm(ctx context.Context, question string) error {
	fmt.Fprintf(s.ErrOut, "%s [y/N] ", question)
	answers := make(chan string, 1)
	go func() {
		answer, err := bufio.NewReader(s.In).ReadString('\n')
		if err != nil && answer == "" {
			close(answers)
			return
		}
		answers <- strings.ToLower(strings.TrimSpace(answer))
	}()
	select {
	case answer, typed := <-answers:
		fmt.Fprintln(s.ErrOut)
		switch {
		case !typed:
			return fmt.Errorf("%w: nobody is there to answer; --yes answers beforehand", errDeclined)
		case answer == "y" || answer == "yes":
			return nil
		default:
			return errDeclined
		}
	case <-ctx.Done():
		fmt.Fprintln(s.ErrOut)
		return errDeclined
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
