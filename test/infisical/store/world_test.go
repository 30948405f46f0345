// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"errors"
	"time"

	clocktesting "k8s.io/utils/clock/testing"

	"github.com/secretsync/secretsync/test/infisical/store"
)

// world is a store with one project, whose clock stands still until a test moves it.
type world struct {
	*store.Store

	clock   *clocktesting.FakeClock
	project store.Project
	changes []store.Change
}

// tester is what the tests and the properties have in common.
type tester interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func newWorld(t tester, rules store.Rules) *world {
	t.Helper()
	w := &world{clock: clocktesting.NewFakeClock(time.Date(2026, 8, 1, 9, 30, 0, 123456789, time.UTC))}
	w.Store = store.New(w.clock, rules)
	w.OnChange(func(c store.Change) { w.changes = append(w.changes, c) })
	var err error
	if w.project, err = w.CreateProject("payments", "payments", "org"); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) at(path string) store.Place {
	return store.Place{ProjectID: w.project.ID, Environment: "dev", Path: path}
}

func everything() store.Ability { return store.Ability{{Subject: "*", Action: store.Actions{"*"}}} }

func anybody() store.Writer {
	return store.Writer{Actor: store.Actor{ID: "1", Type: "user", Name: "jane"}, Can: everything()}
}

func (w *world) folder(t tester, in, name string) {
	t.Helper()
	if _, err := w.CreateFolder(w.at(in), name, ""); err != nil {
		t.Fatal(err)
	}
}

func (w *world) create(t tester, path, key, value string) store.Secret {
	t.Helper()
	made, err := w.Create(anybody(), w.at(path), store.Write{Key: key, Value: &value})
	if err != nil {
		t.Fatal(err)
	}
	return made[0]
}

func (w *world) set(t tester, path, key, value string) store.Secret {
	t.Helper()
	changed, err := w.Update(anybody(), w.at(path), store.Write{Key: key, Value: &value})
	if err != nil {
		t.Fatal(err)
	}
	return changed[0]
}

func (w *world) remove(t tester, path, key string) {
	t.Helper()
	if _, err := w.Delete(anybody(), w.at(path), key); err != nil {
		t.Fatal(err)
	}
}

func (w *world) imports(t tester, into, from string) {
	t.Helper()
	if _, err := w.CreateImport(anybody(), w.at(into), "dev", from); err != nil {
		t.Fatal(err)
	}
}

// value reads one secret as somebody who may do everything.
func (w *world) value(t tester, r store.Reading) string {
	t.Helper()
	r.ViewValue = true
	got, err := w.Get(everything(), r)
	if err != nil {
		t.Fatal(err)
	}
	return got.Value
}

// refusal is the status and the name of an error, which must be a refusal.
func refusal(t tester, err error) (status int, name string) {
	t.Helper()
	var refused *store.Error
	if !errors.As(err, &refused) {
		t.Fatalf("%v is no refusal", err)
	}
	return refused.Status, refused.Name
}

func keysAndValues(secrets []store.Secret) map[string]string {
	values := map[string]string{}
	for _, s := range secrets {
		values[s.Key] = s.Value
	}
	return values
}
