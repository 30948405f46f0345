// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package workload

import (
	"regexp"
	"strings"
)

// Annotations of Stakater's Reloader, see
// https://docs.stakater.com/reloader/1.4/reference/annotations.html.
const (
	reloaderAuto       = "reloader.stakater.com/auto"
	reloaderSecretAuto = "secret.reloader.stakater.com/auto"
	reloaderReload     = "secret.reloader.stakater.com/reload"
	reloaderExclude    = "secrets.exclude.reloader.stakater.com/reload"
	reloaderSearch     = "reloader.stakater.com/search"
	reloaderMatch      = "reloader.stakater.com/match"
	reloaderIgnore     = "reloader.stakater.com/ignore"
)

const yes = "true"

// ReloaderRestarts reports whether Stakater's Reloader restarts the workload when the Secret
// with that name and those annotations changes: by its annotations, on the workload or else
// on its Pod template, or because it has done so before, which its variables tell.
func (r *Rolling) ReloaderRestarts(secret string, annotations map[string]string) bool {
	if annotations[reloaderIgnore] == yes {
		return false
	}
	said := r.Meta.GetAnnotations()
	if !anyOf(said, reloaderAuto, reloaderSecretAuto, reloaderReload, reloaderSearch, reloaderIgnore) {
		said = r.Template
	}
	switch {
	case said[reloaderIgnore] == yes:
		return false
	case listed(said[reloaderReload], secret):
		return true
	case said[reloaderSearch] == yes && annotations[reloaderMatch] == yes:
		return r.Restarts(secret)
	case anyOf(said, reloaderAuto, reloaderSecretAuto):
		return automatically(said) && !listed(said[reloaderExclude], secret) && r.Restarts(secret)
	default:
		return r.reloaded(secret)
	}
}

func automatically(said map[string]string) bool {
	return said[reloaderAuto] == yes || said[reloaderSecretAuto] == yes
}

func anyOf(annotations map[string]string, keys ...string) bool {
	for _, key := range keys {
		if _, ok := annotations[key]; ok {
			return true
		}
	}
	return false
}

// listed reports whether a name is in a list separated by commas, whose members Reloader
// takes for regular expressions, too.
func listed(list, name string) bool {
	for member := range strings.SplitSeq(list, ",") {
		member = strings.TrimSpace(member)
		if member == "" {
			continue
		}
		pattern, err := regexp.Compile("^(?:" + member + ")$")
		if member == name || err == nil && pattern.MatchString(name) {
			return true
		}
	}
	return false
}

// notInVariables matches what Reloader writes as an underscore in a variable's name.
var notInVariables = regexp.MustCompile("[^a-zA-Z0-9]+") //nolint:gochecknoglobals // a compiled constant

// reloaded reports whether a container has the variable by which Reloader, where it watches
// everything, restarted the workload for the Secret before.
func (r *Rolling) reloaded(secret string) bool {
	name := "STAKATER_" + strings.ToUpper(strings.Trim(notInVariables.ReplaceAllString(secret, "_"), "_")) + "_SECRET"
	for i := range r.Pod.Containers {
		for _, env := range r.Pod.Containers[i].Env {
			if env.Name == name {
				return true
			}
		}
	}
	return false
}
