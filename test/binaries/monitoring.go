// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package binaries

// The names of the monitoring servers and of the tools that check their files, as Build and Path take them.
const (
	Prometheus   = "prometheus"
	Promtool     = "promtool"
	Alertmanager = "alertmanager"
	Amtool       = "amtool"
)

// monitoring lists the modules of what watches the operator.
func monitoring() []module {
	const (
		prometheus   = "github.com/prometheus/prometheus"
		alertmanager = "github.com/prometheus/alertmanager"
		// The tests name their targets in a file; each service discovery would bring a cloud's SDK.
		lean = "remove_all_sd"
	)
	return []module{
		{folder: "binaries/prometheus", binaries: []binary{
			{name: Promtool, pkg: prometheus + "/cmd/promtool", source: prometheus, tags: lean},
			{name: Prometheus, pkg: prometheus + "/cmd/prometheus", source: prometheus, tags: lean},
		}},
		{folder: "binaries/alertmanager", binaries: []binary{
			{name: Amtool, pkg: alertmanager + "/cmd/amtool", source: alertmanager},
			{name: Alertmanager, pkg: alertmanager + "/cmd/alertmanager", source: alertmanager},
		}},
	}
}
