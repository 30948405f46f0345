// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package guide

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/operator"
)

// kubectl is the name under which the program of this test stands in for it.
const kubectl = "kubectl"

var errKubectl = errors.New("the stand-in for kubectl knows no such command")

// kubectlMain does what kubectl would with these arguments, as far as the page needs it.
func kubectlMain(args []string) int {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	if err := runKubectl(ctx, args); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func runKubectl(ctx context.Context, args []string) error {
	var words []string
	overrides, namespace := &clientcmd.ConfigOverrides{}, "default"
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "--context" && i+1 < len(args):
			i++
			overrides.CurrentContext = args[i]
		case args[i] == "--namespace" && i+1 < len(args):
			i++
			namespace = args[i]
		default:
			words = append(words, args[i])
		}
	}
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(clientcmd.NewDefaultClientConfigLoadingRules(), overrides).ClientConfig()
	if err != nil {
		return err
	}
	c, err := client.New(config, client.Options{Scheme: operator.NewScheme()})
	if err != nil {
		return err
	}
	switch line := strings.Join(words, " "); {
	case len(words) == 3 && strings.HasPrefix(line, "apply -f "):
		return apply(ctx, c, words[2])
	case len(words) == 4 && strings.HasPrefix(line, "create token ") && words[3] == "--duration=8760h":
		return createToken(ctx, c, client.ObjectKey{Namespace: namespace, Name: words[2]})
	case len(words) == 4 && words[0] == "wait" && words[1] == "--for=condition=Ready" && strings.HasPrefix(words[2], "secretsync/") && words[3] == "--timeout=2m":
		return await(ctx, c, client.ObjectKey{Namespace: namespace, Name: strings.TrimPrefix(words[2], "secretsync/")})
	default:
		return fmt.Errorf("%w: %q", errKubectl, words)
	}
}

func apply(ctx context.Context, c client.Client, name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	for decoder := yaml.NewYAMLOrJSONDecoder(file, 4096); ; {
		object := &unstructured.Unstructured{}
		if err := decoder.Decode(object); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := c.Apply(ctx, client.ApplyConfigurationFromUnstructured(object), client.FieldOwner(kubectl)); err != nil {
			return err
		}
		fmt.Printf("%s/%s serverside-applied\n", object.GetKind(), object.GetName())
	}
}

func createToken(ctx context.Context, c client.Client, account client.ObjectKey) error {
	seconds := int64(8760 * 3600)
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &seconds}}
	of := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: account.Namespace, Name: account.Name}}
	if err := c.SubResource("token").Create(ctx, of, request); err != nil {
		return err
	}
	fmt.Println(request.Status.Token)
	return nil
}

func await(ctx context.Context, c client.Client, key client.ObjectKey) error {
	said := ""
	err := wait.PollUntilContextCancel(ctx, 100*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		var sync v1alpha1.SecretSync
		if err := c.Get(ctx, key, &sync); err != nil {
			return false, err
		}
		said = fmt.Sprint(sync.Status.Conditions)
		for _, condition := range sync.Status.Conditions {
			if condition.Type == v1alpha1.ConditionReady && condition.Status == metav1.ConditionTrue {
				return true, nil
			}
		}
		return false, nil
	})
	if err != nil {
		return fmt.Errorf("waiting for %s: %w: %s", key, err, said)
	}
	return nil
}
