// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package badreads

import (
	"net/http"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
	"github.com/secretsync/secretsync/test/faultproxy"
)

// TestOutages: whatever stands between the operator and Vault does, the Secret is not
// touched, Ready stays True, the backend says why, and the value that came meanwhile
// arrives when it is over.
func TestOutages(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		mode faultproxy.Mode
		// reason of Reachable=False; empty where the backend answers.
		reason string
	}{
		"Hanging":             {faultproxy.Hang(), "Timeout"},
		"TooSlow":             {faultproxy.Slow(3 * timeout), "Timeout"},
		"Dripping":            {faultproxy.Drip(time.Second), "Timeout"},
		"Throttled":           {faultproxy.Throttle(""), ""},
		"ServerError":         {faultproxy.Status(http.StatusInternalServerError, `{"errors":["internal error"]}`), "ServerError"},
		"BadGateway":          {faultproxy.Status(http.StatusBadGateway, "<html>bad gateway</html>"), "ServerError"},
		"MaintenancePage":     {faultproxy.Status(http.StatusServiceUnavailable, "<html>back soon</html>"), "ServerError"},
		"NotFoundPage":        {faultproxy.Status(http.StatusNotFound, "<html>no such page</html>"), "UnreadableAnswer"},
		"ForbiddenPage":       {faultproxy.Status(http.StatusForbidden, "<html>blocked</html>"), "UnreadableAnswer"},
		"Reset":               {faultproxy.Reset(), "ConnectionReset"},
		"Truncated":           {faultproxy.Truncate(), "ConnectionReset"},
		"CutShort":            {faultproxy.Cut(), "UnreadableAnswer"},
		"HTMLWith200":         {faultproxy.HTML("please log in"), "UnreadableAnswer"},
		"NothingWith200":      {faultproxy.Status(http.StatusOK, ""), "UnreadableAnswer"},
		"EmptyObjectWith200":  {faultproxy.Status(http.StatusOK, `{}`), "UnreadableAnswer"},
		"NullDataWith200":     {faultproxy.Status(http.StatusOK, `{"data":null}`), "UnreadableAnswer"},
		"NullFieldsWith200":   {faultproxy.Status(http.StatusOK, `{"data":{"data":null,"metadata":null}}`), "UnreadableAnswer"},
		"Redirected":          {faultproxy.Redirect("https://127.0.0.1:1"), "Redirected"},
		"SealedByItsOwnWord":  {faultproxy.Status(http.StatusServiceUnavailable, `{"errors":["Vault is sealed"]}`), "Sealed"},
		"PerformanceStandby":  {faultproxy.Status(http.StatusPreconditionFailed, `{"errors":["required index state not present"]}`), "ReplicationLag"},
		"UninitializedServer": {faultproxy.Status(http.StatusNotImplemented, `{"errors":["not initialized"]}`), "NotInitialized"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := behindProxy(t)
			v.Proxy.Set(tc.mode)
			v.awaitAsked(t, 1) // Now no read is on its way that knows nothing of the mode.
			v.change(t)
			v.awaitAsked(t, 2)
			if tc.reason != "" {
				v.awaitUnreachable(t, tc.reason)
			}
			v.calm(t, func() { v.awaitAsked(t, 1) })
			v.Unchanged(t, v.secret)
			v.stillReady(t)
			v.Proxy.Set(faultproxy.Pass())
			v.awaitChange(t)
			v.awaitReachable(t, metav1.ConditionTrue, "Reachable")
		})
	}
}

// TestServerThatIsDown: nobody listens. A Secret that is deleted meanwhile comes back all
// the same.
func TestServerThatIsDown(t *testing.T) {
	t.Parallel()
	v := behindProxy(t)
	harness.Must(t, v.Proxy.Down())
	v.change(t)
	v.awaitUnreachable(t, "ConnectionRefused")
	v.Unchanged(t, v.secret)
	v.stillReady(t)
	v.Delete(t, &corev1.Secret{}, entry)
	v.AwaitRepaired(t, entry, func(s *corev1.Secret) bool { return string(s.Data["password"]) == "first-password" })
	v.SameBytes(t, v.secret)
	v.stillReady(t)
	harness.Must(t, v.Proxy.Up())
	v.awaitChange(t)
	v.awaitReachable(t, metav1.ConditionTrue, "Reachable")
}

// TestSlowIsFine: an answer that is slow and comes in time is an answer.
func TestSlowIsFine(t *testing.T) {
	t.Parallel()
	v := behindProxy(t)
	v.Proxy.Set(faultproxy.Slow(timeout / 4))
	v.change(t)
	v.awaitChange(t)
}

// TestRetryAfter is obeyed by the entry, and by nobody twice.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	const pause = 15 * time.Second // longer than the backoff of a first failure
	v := behindProxy(t)
	times := make(chan time.Time, 16)
	throttle := faultproxy.Throttle("15")
	v.Proxy.SetFor(v.path(), func(w http.ResponseWriter, r *http.Request, s faultproxy.Server) {
		times <- time.Now()
		throttle(w, r, s)
	})
	first := <-times
	v.change(t)
	second := <-times
	if gap := second.Sub(first); gap < pause {
		t.Errorf("it was asked again after %s, before the %s it asked for", gap, pause)
	}
	v.Unchanged(t, v.secret)
	v.stillReady(t)
	v.Proxy.Set(faultproxy.Pass())
	v.awaitChange(t)
}

// TestOlderAnswer of a node that lags behind is not believed.
func TestOlderAnswer(t *testing.T) {
	t.Parallel()
	v := behindProxy(t)
	older := make(chan []byte, 1)
	v.Proxy.SetFor(v.path(), faultproxy.Rewrite(func(body []byte) []byte {
		select {
		case older <- body:
		default:
		}
		return body
	}))
	v.awaitAsked(t, 2)
	stale := <-older
	v.change(t)
	v.awaitChange(t)
	newer := v.Secret(t, entry)
	v.Proxy.SetFor(v.path(), faultproxy.Rewrite(func([]byte) []byte { return stale }))
	v.calm(t, func() { v.awaitAsked(t, 3) })
	v.Unchanged(t, newer)
	v.stillReady(t)
	v.Proxy.Set(faultproxy.Pass())
	v.Write(t, entry, fields{"password": "third-password"})
	v.AwaitSecret(t, entry, texts{"password": "third-password"})
}

// TestFirstReadDuringAnOutage: there is nothing to serve and nothing is made up.
func TestFirstReadDuringAnOutage(t *testing.T) {
	t.Parallel()
	v := behindProxy(t)
	v.Write(t, "late", fields{"password": "late-password"})
	v.Proxy.Set(faultproxy.Status(http.StatusInternalServerError, `{"errors":["internal error"]}`))
	v.Sync(t, "late")
	s := v.AwaitCondition(t, "late", v1alpha1.ConditionReady, metav1.ConditionFalse, "ServerError")
	if !meta.IsStatusConditionTrue(s.Status.Conditions, v1alpha1.ConditionReconciling) {
		t.Errorf("it does not say that it goes on trying: %+v", s.Status.Conditions)
	}
	v.Proxy.Set(faultproxy.Pass())
	v.AwaitSecret(t, "late", texts{"password": "late-password"})
	v.AwaitReady(t, "late", 1)
}

// TestOneBadEntryOfTwo: a Secret is never half new.
func TestOneBadEntryOfTwo(t *testing.T) {
	t.Parallel()
	v := behindProxy(t)
	v.Write(t, "other", fields{"extra": "first extra"})
	v.Sync(t, "both", func(s *v1alpha1.SecretSync) {
		s.Spec.DataFrom = []v1alpha1.DataFrom{{Entry: &v1alpha1.EntrySource{Path: entry}}, {Entry: &v1alpha1.EntrySource{Path: "other"}}}
	})
	v.AwaitReady(t, "both", 1)
	before := v.Secret(t, "both")
	v.Proxy.SetFor(v.path(), faultproxy.Reset())
	v.awaitAsked(t, 1)
	v.Write(t, "other", fields{"extra": "second extra"})
	v.awaitAsked(t, 2)
	v.Unchanged(t, before)
	v.change(t)
	v.Proxy.Set(faultproxy.Pass())
	v.AwaitSecret(t, "both", texts{"password": "second-password", "user": "the-user", "extra": "second extra"})
	v.AwaitReady(t, "both", 2)
}

// TestHandEditDuringAnOutage is repaired, from the revision.
func TestHandEditDuringAnOutage(t *testing.T) {
	t.Parallel()
	v := behindProxy(t)
	v.Proxy.Set(faultproxy.Hang())
	v.awaitAsked(t, 1)
	v.EditSecret(t, entry, func(s *corev1.Secret) { s.Data["password"] = []byte("edited by hand") })
	v.AwaitRepaired(t, entry, func(s *corev1.Secret) bool { return string(s.Data["password"]) == "first-password" })
	v.AwaitStatus(t, entry, "the repair told", func(s *v1alpha1.SecretSync) string {
		if s.Status.Drift == nil || s.Status.Drift.Kind != "Edited" {
			return "it is not"
		}
		return ""
	})
	v.stillReady(t)
	v.Proxy.Set(faultproxy.Pass())
}

// TestEditDuringAnOutage: Ready does not speak of what was never served, and who waits for
// the edit waits.
func TestEditDuringAnOutage(t *testing.T) {
	t.Parallel()
	v := behindProxy(t)
	generation := v.Get(t, entry).Generation
	v.Proxy.Set(faultproxy.Status(http.StatusInternalServerError, `{"errors":["internal error"]}`))
	v.Edit(t, entry, func(s *v1alpha1.SecretSync) {
		s.Spec.Data = []v1alpha1.DataItem{{
			SecretKey: "login", From: v1alpha1.FieldSource{EntrySource: v1alpha1.EntrySource{Path: entry}, Field: "user"},
		}}
	})
	v.AwaitStatus(t, entry, "Reconciling beside Ready, about the generation before", func(s *v1alpha1.SecretSync) string {
		if s.Status.ObservedGeneration == generation && meta.IsStatusConditionTrue(s.Status.Conditions, v1alpha1.ConditionReady) &&
			meta.IsStatusConditionTrue(s.Status.Conditions, v1alpha1.ConditionReconciling) {
			return ""
		}
		return "it has not"
	})
	v.Proxy.Set(faultproxy.Pass())
	v.AwaitReady(t, entry, 2)
	v.AwaitSecret(t, entry, texts{"password": "first-password", "user": "the-user", "login": "the-user"})
}
