// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package metrics

import "github.com/prometheus/client_golang/prometheus"

// FanOut is what is true of a ClusterSecretSync now, as its status tells.
type FanOut struct {
	// Name of the ClusterSecretSync.
	Name string
	// Selected, Ready and Failed count namespaces.
	Selected, Ready, Failed int32
	// Stopped says that a change reaches no further namespaces, because too many fail with it.
	Stopped bool
	// Blocked counts namespaces whose SecretSync is not wanted any more, and kept because they are so
	// many.
	Blocked int32
}

// fanOutDescs are the metrics of a ClusterSecretSync.
type fanOutDescs struct{ namespaces, stopped, blocked *prometheus.Desc }

func newFanOutDescs() fanOutDescs {
	return fanOutDescs{
		namespaces: desc("fan_out_namespaces", "Namespaces of a ClusterSecretSync by state: Selected, and of these Ready and Failed.", "name", "state"),
		stopped:    desc("fan_out_stopped", "Whether a change of a ClusterSecretSync reaches no further namespaces, because too many fail with it.", "name"),
		blocked:    desc("fan_out_blocked_removals", "Namespaces whose SecretSync a ClusterSecretSync does not want any more, and keeps because they are so many at once.", "name"),
	}
}

func (d fanOutDescs) all() []*prometheus.Desc {
	return []*prometheus.Desc{d.namespaces, d.stopped, d.blocked}
}

func (m *Metrics) collectFanOut(out sink, f FanOut) {
	out.gauge(m.fanOut.namespaces, float64(f.Selected), f.Name, "Selected")
	out.gauge(m.fanOut.namespaces, float64(f.Ready), f.Name, "Ready")
	out.gauge(m.fanOut.namespaces, float64(f.Failed), f.Name, "Failed")
	out.gauge(m.fanOut.stopped, truth(f.Stopped), f.Name)
	out.gauge(m.fanOut.blocked, float64(f.Blocked), f.Name)
}
