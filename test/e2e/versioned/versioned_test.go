// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package versioned

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// suite is one installation for all tests.
var suite = harness.NewInstalledSuite(cluster.AuditMetadata).With(map[string]any{ //nolint:gochecknoglobals // One installation serves all tests.
	"versionedTargets": true,
})

func TestMain(m *testing.M) { os.Exit(suite.Main(m)) }

// life is a SecretSync db whose states are Secrets of their own.
type life struct {
	*harness.Tenant

	secrets []string // by state, from 1
}

func password(state int) string { return fmt.Sprintf("password-number-%d", state) }

// begin has a SecretSync serve as many states.
func begin(t *testing.T, states int, edits ...harness.SyncEdit) *life {
	t.Helper()
	w := suite.Get(t)
	w.Run(t, harness.RunOptions{Args: []string{"--leader-elect=false"}})
	l := &life{Tenant: w.Tenant(t, harness.TenantOptions{}), secrets: []string{""}}
	l.Write(t, "db", map[string]any{"password": password(1)})
	l.Sync(t, "db", append([]harness.SyncEdit{func(s *v1alpha1.SecretSync) {
		s.Spec.Refresh.Interval, s.Spec.Target.Versioned = &metav1.Duration{}, new(true)
	}}, edits...)...)
	l.secrets = append(l.secrets, l.AwaitReady(t, "db", 1).Status.Target)
	for state := 2; state <= states; state++ {
		l.next(t, state)
	}
	return l
}

// next has another state served, and notes its Secret.
func (l *life) next(t *testing.T, state int) {
	t.Helper()
	l.Write(t, "db", map[string]any{"password": password(state)})
	l.Annotate(t, "db", v1alpha1.AnnotationRefresh, time.Now().Format(time.RFC3339Nano))
	name := l.AwaitReady(t, "db", int64(state)).Status.Target
	l.secrets = append(l.secrets, name)
	l.AwaitSecret(t, name, map[string]string{"password": password(state)})
}

// serves waits until a state is served, at a revision, and by its own Secret.
func (l *life) serves(t *testing.T, state int, revision int64) {
	t.Helper()
	if got := l.AwaitReady(t, "db", revision).Status.Target; got != l.secrets[state] {
		t.Errorf("revision %d is served by %s, want %s", revision, got, l.secrets[state])
	}
	l.AwaitSecret(t, l.secrets[state], map[string]string{"password": password(state)})
}

// gone waits until the Secret of a state is not there.
func (l *life) gone(t *testing.T, state int) {
	t.Helper()
	harness.Await(t, fmt.Sprintf("the Secret of state %d to go", state), func() string {
		if err := l.Client.Get(t.Context(), l.Key(l.secrets[state]), &corev1.Secret{}); !apierrors.IsNotFound(err) {
			return "it is there"
		}
		return ""
	})
}

// TestStatesAreSecretsOfTheirOwn: immutable, named by content, the old one left as it is.
func TestStatesAreSecretsOfTheirOwn(t *testing.T) {
	l := begin(t, 2)
	for state := 1; state <= 2; state++ {
		secret := l.Secret(t, l.secrets[state])
		if secret.Immutable == nil || !*secret.Immutable || !regexp.MustCompile(`^db-[0-9a-f]{10}$`).MatchString(secret.Name) {
			t.Errorf("want an immutable Secret named after its content, got %s, immutable %v", secret.Name, secret.Immutable)
		}
	}
	if err := l.Client.Get(t.Context(), l.Key("db"), &corev1.Secret{}); !apierrors.IsNotFound(err) {
		t.Errorf("there is a Secret db: %v", err)
	}
	// The first content again is the first Secret again, at a new revision.
	l.Write(t, "db", map[string]any{"password": password(1)})
	l.Annotate(t, "db", v1alpha1.AnnotationRefresh, "again")
	l.serves(t, 1, 3)
}

// TestReferredVersionsStay while the others go, once a later one became live.
func TestReferredVersionsStay(t *testing.T) {
	l := begin(t, 2)
	l.Create(t, replicaSet("running", l.secrets[1]))
	old := l.Secret(t, l.secrets[1])
	l.next(t, 3)
	l.next(t, 4)
	l.gone(t, 2)
	l.Unchanged(t, old)
	l.Secret(t, l.secrets[3])
	l.EditSecret(t, l.secrets[1], func(s *corev1.Secret) { s.Labels["foreign"] = "edit" })
	l.Delete(t, &appsv1.ReplicaSet{}, "running")
	l.next(t, 5)
	l.gone(t, 1)
	looked := 0
	for _, request := range l.Requests(t, time.Time{}) {
		if request.Verb == "list" && request.Resource == "replicasets" {
			looked++
		}
	}
	if looked != 3 { // At the states 3, 4 and 5, when there was something to delete.
		t.Errorf("it was looked %d times what refers to a Secret", looked)
	}
}

// replicaSet returns one without Pods that refers to a Secret.
func replicaSet(name, secret string) *appsv1.ReplicaSet {
	template := podTemplate(name, secret)
	return &appsv1.ReplicaSet{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       appsv1.ReplicaSetSpec{Replicas: new(int32(0)), Selector: &metav1.LabelSelector{MatchLabels: template.Labels}, Template: template},
	}
}

// podTemplate refers to a Secret.
func podTemplate(name, secret string) corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": name}}, Spec: corev1.PodSpec{
		Containers: []corev1.Container{{
			Name: "app", Image: "app",
			EnvFrom: []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: secret}}}},
		}},
	}}
}

// TestRollback serves the Secret of that revision again, made again if it is gone, and holds it
// though the status is lost.
func TestRollback(t *testing.T) {
	l := begin(t, 3)
	l.gone(t, 1)
	l.Annotate(t, "db", v1alpha1.AnnotationRollbackTo, "1")
	l.serves(t, 1, 1)
	lost := l.Get(t, "db")
	lost.Status = v1alpha1.SecretSyncStatus{}
	harness.Must(t, l.Client.Status().Update(t.Context(), lost))
	l.serves(t, 1, 1)
	l.Annotate(t, "db", v1alpha1.AnnotationRollbackTo, "")
	l.serves(t, 3, 3)
	harness.Await(t, "no mark of a hold", func() string {
		return l.Secret(t, l.secrets[1]).Annotations[v1alpha1.AnnotationHeldFor]
	})
}

// TestDrift: what can be changed of an immutable Secret is put right, and the Secret itself.
func TestDrift(t *testing.T) {
	l := begin(t, 2)
	name := l.secrets[2]
	for what, edit := range map[string]func(){
		"unlabelled": func() { l.EditSecret(t, name, func(s *corev1.Secret) { s.Labels = nil }) },
		"unmarked":   func() { l.EditSecret(t, name, func(s *corev1.Secret) { s.Annotations = nil }) },
		"deleted":    func() { l.Delete(t, &corev1.Secret{}, name) },
		"replaced": func() {
			l.Delete(t, &corev1.Secret{}, name)
			other := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: l.Namespace}, StringData: map[string]string{"password": "by hand"}}
			if err := l.Client.Create(t.Context(), other); err != nil && !apierrors.IsAlreadyExists(err) {
				t.Fatal(err)
			}
		},
	} {
		t.Run(what, func(t *testing.T) {
			edit()
			harness.Await(t, "the Secret as it was", func() string {
				var s corev1.Secret
				err := l.Client.Get(t.Context(), l.Key(name), &s)
				if err != nil || s.Labels[v1alpha1.LabelTarget] == "" || !strings.HasSuffix(s.Annotations[v1alpha1.AnnotationOwner], "/db") ||
					s.Immutable == nil || string(s.Data["password"]) != password(2) {
					return fmt.Sprintf("it is %v, %v", s.ObjectMeta, err)
				}
				return ""
			})
			l.serves(t, 2, 2)
		})
	}
}

// TestSwitching to versions and back leaves what was served before.
func TestSwitching(t *testing.T) {
	l := begin(t, 1)
	l.Edit(t, "db", func(s *v1alpha1.SecretSync) { s.Spec.Target.Versioned = nil })
	l.AwaitSecret(t, "db", map[string]string{"password": password(1)})
	l.AwaitStatus(t, "db", "the plain Secret served", func(s *v1alpha1.SecretSync) string {
		if s.Status.Target != "db" {
			return "it has not"
		}
		return ""
	})
	l.Secret(t, l.secrets[1])
	l.Edit(t, "db", func(s *v1alpha1.SecretSync) { s.Spec.Target.Versioned = new(true) })
	l.AwaitStatus(t, "db", "the version served", func(s *v1alpha1.SecretSync) string {
		if s.Status.Target != l.secrets[1] {
			return "it has not"
		}
		return ""
	})
	l.Secret(t, "db")
}

// TestOldVersionsStayAsAskedForNow: they go with the SecretSync only while that asks for it, though
// it was another that asked when they were served.
func TestOldVersionsStayAsAskedForNow(t *testing.T) {
	deleting := func(policy string) harness.SyncEdit {
		return func(s *v1alpha1.SecretSync) { s.Spec.Target.OnDelete = policy }
	}
	l := begin(t, 2, deleting(v1alpha1.Delete))
	owned := func(want bool) {
		t.Helper()
		harness.Await(t, fmt.Sprintf("both Secrets to be owned: %t", want), func() string {
			for _, name := range l.secrets[1:] {
				if owned := len(l.Secret(t, name).OwnerReferences) > 0; owned != want {
					return name + " is not so"
				}
			}
			return ""
		})
	}
	owned(true)
	l.Edit(t, "db", deleting(v1alpha1.Keep))
	owned(false)
	l.Edit(t, "db", deleting(v1alpha1.Delete))
	owned(true)
}

// TestASecretOfThatName that somebody made before is not served, and what is served stays until
// it is out of the way.
func TestASecretOfThatName(t *testing.T) {
	l := begin(t, 3)
	l.gone(t, 1)
	l.Create(t, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: l.secrets[1]}, StringData: map[string]string{"password": "planted"}})
	planted := l.Secret(t, l.secrets[1])
	l.Annotate(t, "db", v1alpha1.AnnotationRollbackTo, "1")
	l.AwaitCondition(t, "db", v1alpha1.ConditionReady, metav1.ConditionFalse, "NotOwned")
	l.Unchanged(t, planted)
	if got := l.Get(t, "db").Status.Target; got != l.secrets[3] {
		t.Errorf("%s is served", got)
	}
	l.Delete(t, &corev1.Secret{}, l.secrets[1])
	l.Annotate(t, "db", v1alpha1.AnnotationRollbackTo, "")
	l.serves(t, 3, 3)
	l.Annotate(t, "db", v1alpha1.AnnotationRollbackTo, "1")
	l.serves(t, 1, 1)

	// The name is known now: a forgery that says it is ours is put right, and no Pod gets it.
	l.Annotate(t, "db", v1alpha1.AnnotationRollbackTo, "")
	l.serves(t, 3, 3)
	forged := l.Secret(t, l.secrets[1])
	l.Delete(t, &corev1.Secret{}, l.secrets[1])
	forged.ObjectMeta = metav1.ObjectMeta{Name: forged.Name, Namespace: forged.Namespace, Labels: forged.Labels, Annotations: forged.Annotations}
	forged.Data, forged.Immutable = map[string][]byte{"password": []byte("forged")}, nil
	l.Create(t, forged)
	l.Annotate(t, "db", v1alpha1.AnnotationRollbackTo, "1")
	l.serves(t, 1, 1)
	if s := l.Secret(t, l.secrets[1]); s.Immutable == nil || !*s.Immutable {
		t.Error("it can be changed")
	}
}

// TestLostStatusPrunesNothing: what refers to a version may be restored later than the
// SecretSync. The next change looks as ever.
func TestLostStatusPrunesNothing(t *testing.T) {
	l := begin(t, 1)
	l.Create(t, replicaSet("late", l.secrets[1]))
	l.next(t, 2)
	l.next(t, 3)
	l.Delete(t, &appsv1.ReplicaSet{}, "late")
	lost := l.Get(t, "db")
	lost.Status = v1alpha1.SecretSyncStatus{}
	harness.Must(t, l.Client.Status().Update(t.Context(), lost))
	l.serves(t, 3, 3)
	l.Secret(t, l.secrets[1])
	l.Secret(t, l.secrets[2])
	l.Create(t, replicaSet("late", l.secrets[1]))
	l.next(t, 4)
	l.gone(t, 2)
	l.Secret(t, l.secrets[1])
}

// TestACopyIsNoVersion whatever its annotations say: it is not served, and not deleted.
func TestACopyIsNoVersion(t *testing.T) {
	l := begin(t, 2)
	served := l.Secret(t, l.secrets[2])
	l.Create(t, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "db-backup", Labels: served.Labels, Annotations: served.Annotations},
		Data:       served.Data, Immutable: new(true),
	})
	before := l.Secret(t, "db-backup")
	l.Delete(t, &corev1.Secret{}, l.secrets[2])
	l.serves(t, 2, 2)
	l.next(t, 3)
	l.next(t, 4)
	l.gone(t, 2)
	l.Unchanged(t, before)
}

// TestKeepReachesWhatWasLeft: no Secret that was served goes with the SecretSync, though it was
// asked to when it was left under another name.
func TestKeepReachesWhatWasLeft(t *testing.T) {
	l := begin(t, 1, func(s *v1alpha1.SecretSync) { s.Spec.Target.OnDelete = v1alpha1.Delete })
	left := func(target string, edit harness.SyncEdit) {
		t.Helper()
		l.Edit(t, "db", edit)
		l.AwaitStatus(t, "db", target+" served", func(s *v1alpha1.SecretSync) string {
			if !strings.HasPrefix(s.Status.Target, target) {
				return "it is not"
			}
			return ""
		})
	}
	left("plain", func(s *v1alpha1.SecretSync) { s.Spec.Target.Name, s.Spec.Target.Versioned = "plain", nil })
	left("other-", func(s *v1alpha1.SecretSync) { s.Spec.Target.Name, s.Spec.Target.Versioned = "other", new(true) })
	names := []string{l.secrets[1], "plain", l.Get(t, "db").Status.Target}
	for _, name := range names {
		if len(l.Secret(t, name).OwnerReferences) == 0 {
			t.Errorf("%s is not to go", name)
		}
	}
	l.Edit(t, "db", func(s *v1alpha1.SecretSync) { s.Spec.Target.OnDelete = v1alpha1.Keep })
	harness.Await(t, "none to go", func() string {
		for _, name := range names {
			if len(l.Secret(t, name).OwnerReferences) > 0 {
				return name + " is to go"
			}
		}
		return ""
	})
}
