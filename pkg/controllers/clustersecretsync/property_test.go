// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package clustersecretsync

import (
	"fmt"
	"slices"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// cluster is a cluster in which plans are carried out as they are made.
type cluster struct {
	owner      *v1alpha1.ClusterSecretSync
	namespaces []metav1.PartialObjectMetadata
	syncs      map[client.ObjectKey]*v1alpha1.SecretSync
}

// drawCluster draws namespaces, what is in them already, and a specification.
func drawCluster(t *rapid.T) *cluster {
	paths := rapid.SampledFrom([]string{"one", "two"})
	c := &cluster{syncs: map[client.ObjectKey]*v1alpha1.SecretSync{}, owner: fan(path(paths.Draw(t, "path")), percent(rapid.Int32Range(1, 100).Draw(t, "percent")))}
	c.owner.Spec.OnDeselect = rapid.SampledFrom([]string{"", v1alpha1.Keep}).Draw(t, "onDeselect")
	c.owner.Spec.Rollout.MaxFailures = new(rapid.Int32Range(0, 3).Draw(t, "maxFailures"))
	c.owner.Spec.Safety.MaxRemovalPercent = new(int32(100)) // The guard has a test of its own.
	for i := range rapid.IntRange(0, 12).Draw(t, "namespaces") {
		name := fmt.Sprintf("n%02d", i)
		c.namespaces = append(c.namespaces, namespace(name, "fan", rapid.SampledFrom([]string{"yes", "no"}).Draw(t, "selected")))
		switch rapid.IntRange(0, 3).Draw(t, "there") {
		case 0:
			c.put(made(fan(path(paths.Draw(t, "made from"))), name))
		case 1:
			c.put(made(c.owner, name, func(s *v1alpha1.SecretSync) { s.Labels[v1alpha1.LabelFanOut] = "another" }))
		}
	}
	return c
}

func (c *cluster) put(sync *v1alpha1.SecretSync) { c.syncs[client.ObjectKeyFromObject(sync)] = sync }

func (c *cluster) plan() plan {
	return planOf(seen{owner: c.owner, home: home, namespaces: c.namespaces, syncs: c.syncs, now: noon()})
}

// carryOut does what a plan says; what was written is not settled.
func (c *cluster) carryOut(p plan) {
	for _, sync := range p.create {
		c.put(sync)
	}
	for _, sync := range p.update {
		changed := p.template.apply(sync)
		changed.Generation++
		c.put(changed)
	}
	for _, sync := range p.remove {
		delete(c.syncs, client.ObjectKeyFromObject(sync))
	}
}

// settle gives every SecretSync that is not settled a verdict.
func (c *cluster) settle(ready func(*v1alpha1.SecretSync) bool) {
	for _, sync := range c.syncs {
		if ready(sync) {
			told("True", "Serving")(sync)
		} else {
			told("False", "NotFound")(sync)
		}
	}
}

func (c *cluster) selects(name string) bool {
	return slices.ContainsFunc(c.namespaces, func(n metav1.PartialObjectMetadata) bool { return n.Name == name && n.Labels["fan"] == "yes" })
}

// checkTouched: nothing is written that is another's, and nothing made where nothing is wanted.
func (c *cluster) checkTouched(t *rapid.T, p plan) {
	for _, sync := range slices.Concat(p.update, p.remove) {
		if have := c.syncs[client.ObjectKeyFromObject(sync)]; have == nil || !ours(have, c.owner) {
			t.Fatalf("%s is written, and is not ours", sync.Namespace)
		}
	}
	for _, sync := range slices.Concat(p.create, p.update) {
		if !c.selects(sync.Namespace) {
			t.Fatalf("%s is written, and not selected", sync.Namespace)
		}
	}
	for _, sync := range p.create {
		if c.syncs[client.ObjectKeyFromObject(sync)] != nil {
			t.Fatalf("%s is created, and there", sync.Namespace)
		}
	}
	for _, sync := range p.remove {
		if c.selects(sync.Namespace) || c.owner.Spec.OnDeselect == v1alpha1.Keep {
			t.Fatalf("%s is deleted, and wanted", sync.Namespace)
		}
	}
}

// checkPace: no more are under way at a time than the rollout lets, and none more once too many
// fail.
func (c *cluster) checkPace(t *rapid.T, p plan) {
	underWay, failing := 0, 0
	for _, sync := range c.syncs {
		if fares := judge(sync); ours(sync, c.owner) && c.selects(sync.Namespace) && p.template.current(sync) {
			if fares.open {
				underWay++
			} else if fares.failing {
				failing++
			}
		}
	}
	limit := max(1, p.counts.selected*int(*c.owner.Spec.Rollout.MaxPercent)/100)
	if len(p.update) > 0 && underWay+len(p.update) > limit {
		t.Fatalf("%d are under way and %d are changed, of %d at a time", underWay, len(p.update), limit)
	}
	if failing > int(*c.owner.Spec.Rollout.MaxFailures) && len(p.update) > 0 {
		t.Fatalf("%d fail and %d are changed", failing, len(p.update))
	}
}

// TestARolloutKeepsItsPaceAndEnds: whatever is there, and however changes fare, what is others'
// is not touched and the pace is kept; and where all goes well, all becomes as it should be and
// nothing is written any more.
func TestARolloutKeepsItsPaceAndEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCluster(t)
		for range rapid.IntRange(0, 8).Draw(t, "steps") {
			p := c.plan()
			c.checkTouched(t, p)
			c.checkPace(t, p)
			c.carryOut(p)
			c.settle(func(s *v1alpha1.SecretSync) bool {
				return judge(s).ready || rapid.Bool().Draw(t, "succeeds "+s.Namespace)
			})
		}
		for range len(c.namespaces) + 2 {
			c.settle(func(*v1alpha1.SecretSync) bool { return true })
			p := c.plan()
			c.checkTouched(t, p)
			c.checkPace(t, p)
			c.carryOut(p)
		}
		c.settle(func(*v1alpha1.SecretSync) bool { return true })
		c.checkEnd(t, c.plan())
	})
}

// checkEnd: every selected namespace is served, unless another one's is in the way, and nothing
// is left to do.
func (c *cluster) checkEnd(t *rapid.T, p plan) {
	if len(p.create)+len(p.update)+len(p.remove)+p.waiting > 0 || p.stopped {
		t.Fatalf("there is something left to do: %+v", outcomeOf(p))
	}
	for _, namespace := range c.namespaces {
		have := c.syncs[client.ObjectKey{Namespace: namespace.Name, Name: fanName}]
		switch {
		case !c.selects(namespace.Name) || have != nil && !ours(have, c.owner):
		case have == nil || !p.template.current(have) || p.template.edited(have):
			t.Fatalf("namespace %s does not have what it should", namespace.Name)
		}
	}
	if p.counts.ready != p.counts.updated || p.counts.updated+len(p.failures) != p.counts.selected {
		t.Fatalf("the counts disagree: %+v", outcomeOf(p))
	}
}
