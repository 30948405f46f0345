// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package migration

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

var suite = harness.NewSuite(harness.Options{}) //nolint:gochecknoglobals // One world serves all tests.

func TestMain(m *testing.M) { os.Exit(suite.Main(m)) }

// values is what Vault has, and what the Secret holds from before to after.
var values = map[string]any{"user": "shop", "password": "open-sesame <&> ü"} //nolint:gochecknoglobals // read only

const (
	made   = "db-credentials" // the Secret
	reader = "api"            // the Deployment that reads it
)

// TestThereAndBack has a Secret change hands from each of the other operators to a SecretSync, and back.
func TestThereAndBack(t *testing.T) {
	t.Parallel()
	for name, theirs := range map[string]func(*testing.T, *harness.Tenant) string{
		"ExternalSecrets": externalSecrets, "VaultSecretsOperator": vaultSecrets,
		"InfisicalSecret": infisicalSecret, "InfisicalStaticSecret": infisicalStatic,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := suite.Tenant(t)
			owner, before := served(t, n, theirs)
			deployed := deploy(t, n)
			if told := take(t, n); !strings.Contains(told, "--cascade=orphan") {
				t.Errorf("it is not told how to let go: %s", told)
			}
			same(t, n, before, deployed)

			orphan := metav1.DeletePropagationOrphan
			harness.Must(t, n.Client.Delete(t.Context(), owner, &client.DeleteOptions{PropagationPolicy: &orphan}))
			gone(t, n, owner)
			same(t, n, before, deployed)
			repaired(t, n)

			n.Delete(t, &v1alpha1.SecretSync{}, "db")
			owner.SetResourceVersion("")
			owner.SetUID("")
			owner.SetFinalizers(nil)
			harness.Must(t, n.Client.Create(t.Context(), owner))
			gone(t, n, &v1alpha1.SecretSync{ObjectMeta: metav1.ObjectMeta{Namespace: n.Namespace, Name: "db"}})
			same(t, n, before, deployed)
		})
	}
}

// TestForgottenFlag deletes the other operator's object with all that it owns. The Secret goes
// with it and is there again, for good, with the same bytes.
func TestForgottenFlag(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	owner, before := served(t, n, externalSecrets)
	take(t, n)
	background := metav1.DeletePropagationBackground
	harness.Must(t, n.Client.Delete(t.Context(), owner, &client.DeleteOptions{PropagationPolicy: &background}))
	harness.Await(t, "the Secret to be made again", func() string {
		var now corev1.Secret
		if err := n.Client.Get(t.Context(), n.Key(made), &now); err != nil {
			return err.Error()
		}
		if now.UID == before.UID {
			return "it is still the old one"
		}
		return ""
	})
	n.SameBytes(t, before)
	if now := n.Secret(t, made); len(now.OwnerReferences) != 0 {
		t.Errorf("it is owned by what is gone: %v", now.OwnerReferences)
	}
	n.AwaitReady(t, "db", 1)
}

// TestPeerWritesOverIt has the other operator replace all labels, annotations and owners of the
// Secret by its own, as the Vault Secrets Operator does. SecretSync puts its own back, and
// leaves those of the other operator alone.
func TestPeerWritesOverIt(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	_, before := served(t, n, vaultSecrets)
	take(t, n)
	n.EditSecret(t, made, func(s *corev1.Secret) {
		s.Annotations, s.Labels, s.OwnerReferences = nil, before.Labels, before.OwnerReferences
	})
	n.AwaitRepaired(t, made, func(s *corev1.Secret) bool {
		return s.Annotations[v1alpha1.AnnotationOwner] == n.Key("db").String() && s.Labels[v1alpha1.LabelTarget] == "true"
	})
	now := n.Secret(t, made)
	if diff := cmp.Diff(before.OwnerReferences, now.OwnerReferences); diff != "" || now.Labels["app.kubernetes.io/managed-by"] != "another" {
		t.Errorf("what is the other operator's was touched: %v %s", now.Labels, diff)
	}
	n.SameBytes(t, before)
	n.AwaitReady(t, "db", 1)
}

// TestWhatIsLostStays leaves a Secret where it is if the SecretSync would serve something else.
func TestWhatIsLostStays(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	owner, before := served(t, n, externalSecrets)
	lost := map[string]any{"secretKey": "all", "remoteRef": map[string]any{"key": "shop/db"}}
	data, _, err := unstructured.NestedSlice(owner.Object, "spec", "data")
	harness.Must(t, err)
	harness.Must(t, unstructured.SetNestedSlice(owner.Object, append(data, lost), "spec", "data"))
	harness.Must(t, n.Client.Update(t.Context(), owner))
	_, told, err := n.Plugin(t, "convert", "--adopt", "--yes")
	harness.Must(t, err)
	if !strings.Contains(told, "would serve something else") {
		t.Errorf("it is not said that the Secret stays: %s", told)
	}
	n.Unchanged(t, before)
}

// served makes the objects of another operator, of which the last serves a Secret, and the Secret
// as that operator leaves it.
func served(t *testing.T, n *harness.Tenant, theirs func(*testing.T, *harness.Tenant) string) (owner *unstructured.Unstructured, secret *corev1.Secret) {
	t.Helper()
	definePeers(t, n)
	objects := objectsIn(t, theirs(t, n))
	createAll(t, n, objects)
	owner = objects[len(objects)-1]
	return owner, leftBehind(t, n, owner)
}

// take has SecretSync take the Secret over, and returns what the plugin tells.
func take(t *testing.T, n *harness.Tenant) string {
	t.Helper()
	manifests, told, err := n.Plugin(t, "convert", "--adopt", "--yes")
	harness.Must(t, err)
	createAll(t, n, objectsIn(t, manifests))
	n.AwaitReady(t, "db", 1)
	return told
}

// gone waits until an object is.
func gone(t *testing.T, n *harness.Tenant, object client.Object) {
	t.Helper()
	now, _ := object.DeepCopyObject().(client.Object)
	harness.Await(t, object.GetName()+" to be gone", func() string {
		if err := n.Client.Get(t.Context(), client.ObjectKeyFromObject(object), now); !apierrors.IsNotFound(err) {
			return fmt.Sprint(err)
		}
		return ""
	})
}

// repaired proves that the Secret follows the backend: what is edited is put right.
func repaired(t *testing.T, n *harness.Tenant) {
	t.Helper()
	n.EditSecret(t, made, func(s *corev1.Secret) { s.Data["user"] = []byte("intruder") })
	n.AwaitRepaired(t, made, func(s *corev1.Secret) bool { return string(s.Data["user"]) == "shop" })
}

// same fails the test unless the Secret is the object it was, with the bytes it had, and the
// Deployment has rolled out nothing.
func same(t *testing.T, n *harness.Tenant, secret *corev1.Secret, deployed *appsv1.Deployment) {
	t.Helper()
	n.SameBytes(t, secret)
	if now := n.Secret(t, secret.Name); now.UID != secret.UID {
		t.Errorf("the Secret was made anew")
	}
	var now appsv1.Deployment
	harness.Must(t, n.Client.Get(t.Context(), n.Key(reader), &now))
	if diff := cmp.Diff(deployed.Spec, now.Spec); diff != "" || now.Generation != deployed.Generation {
		t.Errorf("the Deployment was changed: %s", diff)
	}
}

// leftBehind makes the Secret as the other operator did, owned by its object.
func leftBehind(t *testing.T, n *harness.Tenant, owner *unstructured.Unstructured) *corev1.Secret {
	t.Helper()
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: made, Labels: map[string]string{"app.kubernetes.io/managed-by": "another"}, OwnerReferences: []metav1.OwnerReference{{
			APIVersion: owner.GetAPIVersion(), Kind: owner.GetKind(), Name: owner.GetName(), UID: owner.GetUID(), Controller: new(true), BlockOwnerDeletion: new(true),
		}}},
		StringData: map[string]string{},
	}
	for key, value := range values {
		secret.StringData[key], _ = value.(string)
	}
	n.Create(t, secret)
	return n.Secret(t, made)
}

// deploy makes a Deployment that reads the Secret, and waits until its controller has seen it.
func deploy(t *testing.T, n *harness.Tenant) *appsv1.Deployment {
	t.Helper()
	labels := map[string]string{"app": reader}
	n.Create(t, &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: reader}, Spec: appsv1.DeploymentSpec{
		Selector: &metav1.LabelSelector{MatchLabels: labels},
		Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: corev1.PodSpec{Containers: []corev1.Container{{
			Name: "app", Image: "app", EnvFrom: []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: made}}}},
		}}}},
	}})
	var deployed appsv1.Deployment
	harness.Await(t, "the Deployment to be seen", func() string {
		harness.Must(t, n.Client.Get(t.Context(), n.Key(reader), &deployed))
		if deployed.Status.ObservedGeneration != deployed.Generation {
			return "it is not"
		}
		return ""
	})
	return &deployed
}

// objectsIn reads the documents of a text.
func objectsIn(t *testing.T, text string) (objects []*unstructured.Unstructured) {
	t.Helper()
	decoder := utilyaml.NewYAMLOrJSONDecoder(strings.NewReader(text), len(text))
	for {
		object := &unstructured.Unstructured{}
		if decoder.Decode(object) != nil {
			return objects
		}
		if len(object.Object) > 0 {
			objects = append(objects, object)
		}
	}
}
