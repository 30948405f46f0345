// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"context"
	"fmt"
	"maps"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/fieldowner"
	"github.com/secretsync/secretsync/pkg/render"
)

// ReasonAltered is the reason of a write that the API server carried out otherwise.
const ReasonAltered = "WriteAltered"

// Writer writes targets. Its client must read Secrets live.
type Writer struct {
	client client.Client
	echoes echoes
}

// NewWriter returns a Writer. c must read Secrets live.
func NewWriter(c client.Client) *Writer { return &Writer{client: c, echoes: newEchoes()} }

// Live is a target as the API server has it.
type Live struct {
	secret *corev1.Secret
	// Ownership says whose it is; meaningless if it does not exist.
	Ownership Ownership

	share *share // nil unless keys are put into what is somebody else's
}

// Exists reports whether there is a Secret of that name.
func (l Live) Exists() bool { return l.secret != nil }

// Content returns what the Secret holds; of one that keys are put into, what it holds of ours.
func (l Live) Content() render.Content {
	if l.share != nil {
		return l.share.content(l.secret, render.Content{})
	}
	return render.FromSecret(string(l.secret.Type), l.secret.Data)
}

// Taken returns what the Secret holds of what a write of content takes over: everything,
// or of one that keys are put into, these.
func (l Live) Taken(content render.Content) render.Content {
	if l.share != nil {
		return l.share.content(l.secret, content)
	}
	return l.Content()
}

// Revision returns the number of the revision it says it holds, zero if none.
func (l Live) Revision() int64 {
	if l.share != nil {
		claim, _ := ClaimOf(l.secret, l.share.want.Owner.Name)
		return claim.Revision
	}
	return claimedRevision(&l.secret.ObjectMeta)
}

// Differences lists how it differs from what is wanted, the gravest first.
func (l Live) Differences(want Want, content render.Content) []Difference {
	if !l.Exists() {
		return []Difference{{Kind: Deleted}}
	}
	if l.share != nil {
		return l.share.differences(l.secret, want, content)
	}
	return want.differences(l.secret, content)
}

// By returns the field manager that differs shows as the author, or "unknown". It is a
// claim: the audit log is the authority.
func (l Live) By(differs []Difference) string {
	if !l.Exists() {
		return fieldowner.Unknown
	}
	return author(l.secret.ManagedFields, differs)
}

// Rival returns whom putting differs right is against: who By names, or, where keys were taken
// from a Secret of somebody else, who wrote that last, because what is gone shows no author.
func (l Live) Rival(differs []Difference) string {
	if by := l.By(differs); by != fieldowner.Unknown || l.share == nil || !l.Exists() {
		return by
	}
	return fieldowner.Last(l.secret.ManagedFields, FieldManager)
}

// Look reads the target live. served says that its owner served this name before.
func (w *Writer) Look(ctx context.Context, want Want, served bool) (Live, error) {
	var secret corev1.Secret
	err := w.client.Get(ctx, client.ObjectKey{Namespace: want.Owner.Namespace, Name: want.Name}, &secret)
	if apierrors.IsNotFound(err) {
		return Live{}, nil
	}
	if err != nil {
		return Live{}, fault.FromAPI(err, fmt.Sprintf("reading Secret %q", want.Name))
	}
	live := Live{secret: &secret, Ownership: want.ownership(&secret, served)}
	if want.Merge {
		live.share = newShare(want, &secret)
	}
	return live, nil
}

// Create writes the target where the cache has none. created is false if there is one
// after all: then look. Where keys are put into what is somebody else's, nothing is created.
func (w *Writer) Create(ctx context.Context, want Want, content render.Content) (created bool, err error) {
	if want.Merge {
		return false, nil
	}
	secret := want.secret(content)
	err = w.echoes.after(secret, w.client.Create(ctx, secret))
	if apierrors.IsAlreadyExists(err) {
		return false, nil
	}
	if err != nil {
		return false, fault.FromAPI(err, fmt.Sprintf("creating Secret %q", want.Name))
	}
	return true, unaltered(secret, content)
}

// Update makes a live target as wanted; foreign labels and annotations stay. Errors:
// NotOwned, Conflict (it changed since it was read), InvalidSpec where only deleting and
// creating it would do and that is forbidden, else classed by fault.FromAPI.
func (w *Writer) Update(ctx context.Context, live Live, want Want, content render.Content) error {
	if live.share != nil {
		return w.merge(ctx, live, want, content)
	}
	if live.Ownership == Foreign {
		return want.notOwned(live.secret)
	}
	if why := fixed(live.secret, content); why != "" {
		return w.recreate(ctx, live, want, content, why)
	}
	next := live.secret.DeepCopy()
	want.applyTo(&next.ObjectMeta)
	next.Data = content.Reveal()
	want.fix(next)
	if err := w.update(ctx, next); err != nil {
		return err
	}
	return unaltered(next, content)
}

func (w *Writer) update(ctx context.Context, next *corev1.Secret) error {
	err := w.echoes.after(next, w.client.Update(ctx, next))
	if apierrors.IsNotFound(err) {
		return fault.New(fault.Conflict, "Conflict", "Secret %q was deleted while it was being updated", next.Name)
	}
	return fault.FromAPI(err, fmt.Sprintf("updating Secret %q", next.Name))
}

// merge is Update of a Secret that keys are put into.
func (w *Writer) merge(ctx context.Context, live Live, want Want, content render.Content) error {
	if live.Ownership == Foreign {
		return live.share.notMergeable(live.secret, content)
	}
	content.Type = v1alpha1.DefaultTargetType // What was recorded for a Secret of our own may have another.
	if err := live.share.fixed(live.secret, content); err != nil {
		return err
	}
	next := live.secret.DeepCopy()
	live.share.apply(next, want, content)
	if err := w.update(ctx, next); err != nil {
		return err
	}
	if content.Equal(newShare(want, next).content(next, render.Content{})) {
		return nil
	}
	return altered(next.Name)
}

// unaltered returns an error if the API server stored something else than it was sent.
func unaltered(stored *corev1.Secret, content render.Content) error {
	if content.Equal(render.FromSecret(string(stored.Type), stored.Data)) {
		return nil
	}
	return altered(stored.Name)
}

func altered(name string) error {
	return fault.New(fault.Rejected, ReasonAltered,
		"Secret %q was stored with other content than it was sent: an admission webhook or policy of the cluster changes it", name)
}

// Delete removes a live target, exactly as it was read; of one that keys were put into, these.
func (w *Writer) Delete(ctx context.Context, live Live) error {
	if live.share != nil {
		_, err := w.Release(ctx, live.secret.Name, live.share.want.Owner, v1alpha1.Delete)
		return err
	}
	err := w.client.Delete(ctx, live.secret, client.Preconditions{
		UID: &live.secret.UID, ResourceVersion: &live.secret.ResourceVersion,
	})
	return fault.FromAPI(client.IgnoreNotFound(err), fmt.Sprintf("deleting Secret %q", live.secret.Name))
}

// recreate deletes and creates, carrying over what others put on the Secret.
func (w *Writer) recreate(ctx context.Context, live Live, want Want, content render.Content, why string) error {
	if !want.Recreate {
		class := fault.InvalidSpec
		if live.Ownership == Adoptable {
			class = fault.NotOwned // No watch shows when it goes, so it has to be looked at again.
		}
		return fault.New(class, "RecreateForbidden",
			"Secret %q %s; allow to delete and create it with spec.target.recreate: Allowed", want.Name, why)
	}
	if err := w.Delete(ctx, live); err != nil {
		return err
	}
	next := want.secret(content)
	next.Labels, next.Annotations = maps.Clone(live.secret.Labels), maps.Clone(live.secret.Annotations)
	next.OwnerReferences = live.secret.OwnerReferences
	want.applyTo(&next.ObjectMeta)
	if err := w.echoes.after(next, w.client.Create(ctx, next)); err != nil {
		return fault.FromAPI(err, fmt.Sprintf("creating Secret %q again", want.Name))
	}
	return unaltered(next, content)
}

// fixed says why an update cannot make live hold content; empty if it can.
func fixed(live *corev1.Secret, content render.Content) string {
	switch {
	case string(live.Type) != content.Type:
		return fmt.Sprintf("has type %q, which cannot become %q in place", live.Type, content.Type)
	case isImmutable(live) && !content.Equal(render.FromSecret(content.Type, live.Data)):
		return "is immutable"
	default:
		return ""
	}
}

func (w Want) secret(content render.Content) *corev1.Secret {
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.Owner.Namespace, Name: w.Name},
		Type:       corev1.SecretType(content.Type),
		Data:       content.Reveal(),
	}
	w.applyTo(&secret.ObjectMeta)
	w.fix(secret)
	return secret
}

// fix makes a version immutable.
func (w Want) fix(secret *corev1.Secret) {
	if w.VersionOf != "" {
		secret.Immutable = new(true)
	}
}

func isImmutable(secret *corev1.Secret) bool { return secret.Immutable != nil && *secret.Immutable }
