// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package migration

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/cli"
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
	for name, objects := range map[string]func(*testing.T, *harness.Tenant, string) string{
		"ExternalSecrets": externalSecrets, "VaultSecretsOperator": vaultSecrets,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := suite.Tenant(t)
			definePeers(t, n)
			roleID := n.Enrol(t)
			n.Write(t, "shop/db", values)
			was := objectsIn(t, objects(t, n, roleID))
			createAll(t, n, was)
			owner := was[len(was)-1]
			before := leftBehind(t, n, owner)
			deployed := deploy(t, n)

			manifests, told := convert(t, n, "convert", "--adopt", "--yes")
			if !strings.Contains(told, "--cascade=orphan") {
				t.Errorf("it is not told how to let go: %s", told)
			}
			ours := objectsIn(t, manifests)
			createAll(t, n, ours)
			n.AwaitReady(t, "db", 1)
			same(t, n, before, deployed)

			orphan := metav1.DeletePropagationOrphan
			harness.Must(t, n.Client.Delete(t.Context(), owner, &client.DeleteOptions{PropagationPolicy: &orphan}))
			harness.Await(t, "the other operator's object to be gone", func() string {
				if err := n.Client.Get(t.Context(), client.ObjectKeyFromObject(owner), owner.DeepCopy()); !apierrors.IsNotFound(err) {
					return fmt.Sprint(err)
				}
				return ""
			})
			same(t, n, before, deployed)
			served(t, n)

			n.Delete(t, &v1alpha1.SecretSync{}, "db")
			owner.SetResourceVersion("")
			owner.SetUID("")
			owner.SetFinalizers(nil)
			harness.Must(t, n.Client.Create(t.Context(), owner))
			harness.Await(t, "the SecretSync to be gone", func() string {
				if err := n.Client.Get(t.Context(), n.Key("db"), &v1alpha1.SecretSync{}); !apierrors.IsNotFound(err) {
					return fmt.Sprint(err)
				}
				return ""
			})
			same(t, n, before, deployed)
		})
	}
}

// TestWhatIsLostStays leaves a Secret where it is if the SecretSync would serve something else.
func TestWhatIsLostStays(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	definePeers(t, n)
	objects := objectsIn(t, externalSecrets(t, n, n.Enrol(t)))
	lost := map[string]any{"secretKey": "all", "remoteRef": map[string]any{"key": "shop/db"}}
	data, _, err := unstructured.NestedSlice(objects[1].Object, "spec", "data")
	harness.Must(t, err)
	harness.Must(t, unstructured.SetNestedSlice(objects[1].Object, append(data, lost), "spec", "data"))
	createAll(t, n, objects)
	before := leftBehind(t, n, objects[1])
	if _, told := convert(t, n, "convert", "--adopt", "--yes"); !strings.Contains(told, "would serve something else") {
		t.Errorf("it is not said that the Secret stays: %s", told)
	}
	n.Unchanged(t, before)
}

// served proves that the Secret follows Vault: what is edited is put right.
func served(t *testing.T, n *harness.Tenant) {
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

// externalSecrets are a store and an ExternalSecret, as a team has them.
func externalSecrets(_ *testing.T, n *harness.Tenant, roleID string) string {
	return fmt.Sprintf(`
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: {name: eso-vault, namespace: %[1]s}
spec:
  provider:
    vault:
      server: %[2]s
      path: %[1]s
      version: v2
      caBundle: %[3]s
      auth: {appRole: {path: %[4]s, roleId: %[5]s, secretRef: {name: %[6]s, key: secretID}}}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: db, namespace: %[1]s}
spec:
  refreshInterval: 5s
  secretStoreRef: {name: eso-vault}
  target: {name: %[7]s}
  data:
  - {secretKey: user, remoteRef: {key: shop/db, property: user}}
  - {secretKey: password, remoteRef: {key: shop/db, property: password}}
`, n.Namespace, n.Vault.Address(), base64.StdEncoding.EncodeToString(n.Vault.CA()), harness.AppRoleMount, roleID, harness.Credential, made)
}

// vaultSecrets are a connection, a login and a VaultStaticSecret.
func vaultSecrets(t *testing.T, n *harness.Tenant, roleID string) string {
	t.Helper()
	secretID, err := n.Vault.NewSecretID(t.Context(), harness.AppRoleMount, n.Namespace)
	harness.Must(t, err)
	n.Remember(secretID)
	return fmt.Sprintf(`
apiVersion: v1
kind: Secret
metadata: {name: vault-ca, namespace: %[1]s, labels: {%[8]s: "true"}}
data: {ca.crt: %[3]s}
---
apiVersion: v1
kind: Secret
metadata: {name: vso-login, namespace: %[1]s, labels: {%[8]s: "true"}}
data: {id: %[6]s}
---
apiVersion: secrets.hashicorp.com/v1beta1
kind: VaultConnection
metadata: {name: vso, namespace: %[1]s}
spec: {address: "%[2]s", caCertSecretRef: vault-ca}
---
apiVersion: secrets.hashicorp.com/v1beta1
kind: VaultAuth
metadata: {name: vso, namespace: %[1]s}
spec: {vaultConnectionRef: vso, method: appRole, mount: %[4]s, appRole: {roleId: %[5]s, secretRef: vso-login}}
---
apiVersion: secrets.hashicorp.com/v1beta1
kind: VaultStaticSecret
metadata: {name: db, namespace: %[1]s}
spec:
  vaultAuthRef: vso
  mount: %[1]s
  type: kv-v2
  path: shop/db
  refreshAfter: 5s
  destination: {name: %[7]s, create: true, transformation: {excludeRaw: true}}
`, n.Namespace, n.Vault.Address(), base64.StdEncoding.EncodeToString(n.Vault.CA()), harness.AppRoleMount, roleID,
		base64.StdEncoding.EncodeToString([]byte(secretID)), made, v1alpha1.LabelCredential)
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

// convert runs the plugin, and returns what it printed as output and beside it.
func convert(t *testing.T, n *harness.Tenant, args ...string) (out, told string) {
	t.Helper()
	var printed, complained bytes.Buffer
	command := cli.New(cli.Options{
		IOStreams: genericiooptions.IOStreams{In: strings.NewReader(""), Out: &printed, ErrOut: &complained},
		Clock:     clock.RealClock{}, Zone: time.UTC,
	})
	command.SetArgs(append(args, "--kubeconfig", n.Cluster.Kubeconfig(), "-n", n.Namespace))
	err := command.ExecuteContext(t.Context())
	t.Logf("kubectl secretsync %s: %v\n%s\n%s", strings.Join(args, " "), err, &printed, &complained)
	harness.Must(t, err)
	return printed.String(), complained.String()
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

// createAll creates objects in their order, each as soon as the API server knows its kind.
func createAll(t *testing.T, n *harness.Tenant, objects []*unstructured.Unstructured) {
	t.Helper()
	for _, object := range objects {
		harness.Await(t, "the kind "+object.GetKind(), func() string {
			if err := kindOf(n, object); err != nil {
				return err.Error()
			}
			return ""
		})
		harness.Must(t, n.Client.Create(t.Context(), object))
	}
}
