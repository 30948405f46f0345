// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package restart

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/workload"
)

// Versions are the Secrets of a target whose every content is a Secret of its own: a restart
// has the workload refer to the newest.
type Versions struct {
	// To is the Secret that holds the content, From are those that held others.
	To   string
	From []string
	// First says that there was no content before: nothing runs with any.
	First bool
}

// same reports whether other versions lead to the same Secret.
func (v *Versions) same(other *Versions) bool {
	return (v == nil) == (other == nil) && (v == nil || v.To == other.To)
}

// Versions returns those of the job that was asked for of a SecretSync and a revision; nil if
// there are none, or no such job is.
func (r *Roller) Versions(key types.NamespacedName, revision int64) *Versions {
	r.mu.Lock()
	defer r.mu.Unlock()
	if t := r.tasks[key]; t != nil && t.job.Mark.Revision == revision {
		return t.job.Versions
	}
	return nil
}

// outdate works out, once for a job, which names a workload has to give up: of the versions
// before, and of the target itself, which is the placeholder for one, unless there is a Secret
// of that name and it is somebody else's.
func (r *Roller) outdate(ctx context.Context, t *task) error {
	if t.job.Versions == nil || t.facts.old != nil {
		return nil
	}
	foreign, err := r.foreign(ctx, &t.job)
	if err != nil {
		return err
	}
	old := map[string]bool{t.job.Secret: !foreign}
	for _, name := range t.job.Versions.From {
		old[name] = true
	}
	delete(old, t.job.Versions.To)
	t.facts.old = old
	return nil
}

// foreign reports whether the Secret of the target's own name is somebody else's.
func (r *Roller) foreign(ctx context.Context, job *Job) (bool, error) {
	secret := metav1.PartialObjectMetadata{TypeMeta: metav1.TypeMeta{APIVersion: corev1.SchemeGroupVersion.String(), Kind: "Secret"}}
	err := r.Live.Get(ctx, client.ObjectKey{Namespace: job.Key.Namespace, Name: job.Secret}, &secret)
	if apierrors.IsNotFound(err) {
		return false, nil
	}
	return secret.Annotations[v1alpha1.AnnotationOwner] != job.Key.String(), fault.FromAPI(err, fmt.Sprintf("reading Secret %q", job.Secret))
}

// reads reports whether a workload refers to the target: to the Secret, or to one of its versions.
func (j *Job) reads(w *workload.Rolling, f facts) bool {
	if j.Versions == nil {
		return w.Restarts(j.Secret)
	}
	return workload.RefersTo(&w.Pod, f.old) || j.runs(w)
}

// runs reports whether a workload refers to the newest version, whoever had it do so.
func (j *Job) runs(w *workload.Rolling) bool {
	return workload.RefersTo(&w.Pod, map[string]bool{j.Versions.To: true})
}

// left reports whether a workload is Reloader's to restart. It follows no change of names.
func (j *Job) left(w *workload.Rolling) bool {
	return j.Versions == nil && w.ReloaderRestarts(j.Secret, j.Annotations)
}

// restarted reports whether a workload had this content from us. One that refers to an older
// version all the same was marked for the content earlier, unless it was moved just now: who
// moves it back meanwhile is not fought.
func (j *Job) restarted(w *workload.Rolling, f facts) bool {
	return j.Mark.Covers(w.Template[Key(j.Key.Name)]) && (!f.marked[w.Title()].IsZero() || !workload.RefersTo(&w.Pod, f.old))
}

// spared reports whether a workload needs nothing although it is not marked: it refers to the
// newest version by another's hand, or there was nothing that it could refer to.
func (j *Job) spared(w *workload.Rolling, f facts) bool {
	return j.Versions != nil && !workload.RefersTo(&w.Pod, f.old) && (j.Versions.First || j.runs(w))
}

// expects reports whether workloads may still come that wait for a first content.
func (j *Job) expects(now time.Time) bool {
	return j.Versions != nil && j.Versions.First && now.Sub(j.Since) < lookout
}

// operation is one of a JSON patch, see RFC 6902.
type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value"`
}

// moving returns the patch that marks a workload and has it refer to the newest version. It
// fails if the workload is not as it was listed. Only the names and the mark are written, so
// that whatever else the template has, known here or not, stays as it is.
func (t *task) moving(w *workload.Rolling, text string) ([]byte, error) {
	const template = "/spec/template"
	key, mark := Key(t.job.Key.Name), any(text)
	path := template + "/metadata/annotations/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
	if len(w.Template) == 0 {
		path, mark = template+"/metadata/annotations", map[string]any{key: mark}
	}
	operations := []operation{{"test", "/metadata/generation", w.Meta.GetGeneration()}, {"add", path, mark}}
	_, moved := workload.Repoint(&w.Pod, t.facts.old, t.job.Versions.To)
	for _, reference := range moved {
		path := template + "/spec" + reference.Path
		operations = append(operations, operation{"test", path, reference.Secret}, operation{"replace", path, t.job.Versions.To})
	}
	patch, err := json.Marshal(operations)
	if err != nil {
		return nil, fmt.Errorf("encoding a patch: %w", err)
	}
	return patch, nil
}

// patch returns what gives a workload its mark.
func (t *task) patch(w *workload.Rolling, text string) (client.Patch, error) {
	if t.job.Versions != nil {
		patch, err := t.moving(w, text)
		return client.RawPatch(types.JSONPatchType, patch), err
	}
	patch, err := json.Marshal(map[string]any{"spec": map[string]any{"template": map[string]any{
		"metadata": map[string]any{"annotations": map[string]string{Key(t.job.Key.Name): text}},
	}}})
	if err != nil {
		return nil, fmt.Errorf("encoding a patch: %w", err)
	}
	return client.RawPatch(types.MergePatchType, patch), nil
}

// overtaken reports whether a patch may have been refused because the workload was changed since
// it was listed: the first time for each state of it. All are listed anew then.
func (t *task) overtaken(w *workload.Rolling) bool {
	if tried, ok := t.facts.tried[w.Title()]; t.job.Versions == nil || ok && tried == w.Meta.GetGeneration() {
		return false
	}
	t.facts.tried[w.Title()] = w.Meta.GetGeneration()
	t.looked = t.looked.AddDate(-1, 0, 0)
	return true
}
