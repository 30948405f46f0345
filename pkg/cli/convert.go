// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/secretsync/secretsync/pkg/cli/convert"
	"github.com/secretsync/secretsync/pkg/template"
)

// convertFlags are the flags of the command convert.
type convertFlags struct {
	files             []string
	recursive         bool
	allNamespaces     bool
	operatorNamespace string
	adopt             bool
	yes               bool
}

func (a *app) convertCommand() *cobra.Command {
	f := &convertFlags{}
	cmd := &cobra.Command{
		Use:   "convert [-f FILE]",
		Short: "Turn objects of other operators into SecretSyncs and backends",
		Long: "Turn ExternalSecrets and SecretStores, VaultStaticSecrets with VaultAuths and VaultConnections,\n" +
			"InfisicalSecrets and InfisicalStaticSecrets into SecretSyncs and backends, and print those. What does not\n" +
			"carry over, what differs and what is to be done is told on the error stream. Nothing is written, but with\n" +
			"--adopt: then each Secret is annotated so that the SecretSync may take it over as it is.",
		Example: "  kubectl secretsync convert --all-namespaces > secretsyncs.yaml\n" +
			"  kubectl secretsync convert -f manifests/ -R > secretsyncs.yaml\n" +
			"  kubectl secretsync convert --adopt > secretsyncs.yaml",
		Args: cobra.NoArgs,
		RunE: a.run(func(ctx context.Context, s *session, _ []string) error { return s.convert(ctx, f) }),
	}
	flags := cmd.Flags()
	flags.StringSliceVarP(&f.files, "filename", "f", nil, "files and folders with the objects, - for the input; without, the cluster is asked")
	flags.BoolVarP(&f.recursive, "recursive", "R", false, "look into the folders of folders")
	flags.BoolVarP(&f.allNamespaces, "all-namespaces", "A", false, "convert the objects of all namespaces")
	flags.StringVar(&f.operatorNamespace, "operator-namespace", "secretsync", "where the operator runs, and cluster-wide backends find their credentials")
	flags.BoolVar(&f.adopt, "adopt", false, "annotate the Secrets, so that the SecretSyncs may take them over")
	addYes(cmd, &f.yes)
	return cmd
}

// convert prints what the objects of other operators become, and prepares the hand-over.
func (s *session) convert(ctx context.Context, f *convertFlags) error {
	objects, err := s.foreign(ctx, f)
	if err != nil {
		return err
	}
	o := convert.Options{OperatorNamespace: f.operatorNamespace, CheckTemplate: checkTemplate}
	if len(f.files) == 0 && !f.allNamespaces {
		o.Namespace = s.namespace
	}
	result := convert.Convert(objects, o)
	if err := s.writeConverted(result); err != nil {
		return err
	}
	s.tellNotes(result)
	if !f.adopt {
		return nil
	}
	return s.adopt(ctx, f, result.Handovers)
}

// checkTemplate says why a text is none of the templates that the operator takes.
func checkTemplate(text string) error {
	_, err := template.Parse([]template.Text{{Place: "the template", Key: "key", Text: text}})
	return err //nolint:wrapcheck // complete
}

// foreign returns the objects of other operators in files or in the cluster.
func (s *session) foreign(ctx context.Context, f *convertFlags) ([]*unstructured.Unstructured, error) {
	if len(f.files) > 0 {
		return s.foreignIn(f.files, f.recursive)
	}
	namespace := s.namespace
	if f.allNamespaces {
		namespace = ""
	}
	return s.foreignOf(ctx, namespace)
}

// writeConverted prints objects as a stream of YAML documents: backends before what reads them.
func (s *session) writeConverted(result convert.Result) error {
	var objects []any
	for _, backend := range result.Backends {
		objects = append(objects, backend)
	}
	for _, sync := range result.Syncs {
		objects = append(objects, sync)
	}
	for _, sync := range result.ClusterSyncs {
		objects = append(objects, sync)
	}
	for _, object := range objects {
		text, err := manifest(object)
		if err != nil {
			return err
		}
		s.say("---\n%s", text)
	}
	return nil
}

// manifest returns an object as people write it: without a status.
func manifest(object any) (string, error) {
	members, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		return "", fmt.Errorf("encoding an object: %w", err)
	}
	delete(members, "status")
	if metadata, ok := members["metadata"].(map[string]any); ok {
		delete(metadata, "creationTimestamp")
	}
	text, err := yaml.Marshal(members)
	if err != nil {
		return "", fmt.Errorf("encoding an object: %w", err)
	}
	return string(text[:len(text)-1]), nil
}

// tellNotes tells what people should know, by object.
func (s *session) tellNotes(result convert.Result) {
	var before string
	for _, note := range result.Notes {
		if note.Object != before {
			s.warn("%s", note.Object)
			before = note.Object
		}
		field := note.Field
		if field != "" {
			field += ": "
		}
		s.warn("  %-7s %s%s", note.Kind, field, note.Message)
	}
	count := func(kind convert.Kind) (n int) {
		for _, note := range result.Notes {
			if note.Kind == kind {
				n++
			}
		}
		return n
	}
	s.warn("%d SecretSyncs and %d backends; %d fields lost, %d changed, %d to be done by hand.",
		len(result.Syncs)+len(result.ClusterSyncs), len(result.Backends), count(convert.Lost), count(convert.Changed), count(convert.ByHand))
}
