// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package workload

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Annotations of Stakater's Reloader, see
// https://docs.stakater.com/reloader/1.4/reference/annotations.html and ShouldReload in
// https://github.com/stakater/Reloader/blob/master/pkg/common/common.go.
const (
	reloaderAuto       = "reloader.stakater.com/auto"
	reloaderSecretAuto = "secret.reloader.stakater.com/auto"
	reloaderReload     = "secret.reloader.stakater.com/reload"
	reloaderExclude    = "secrets.exclude.reloader.stakater.com/reload"
	reloaderSearch     = "reloader.stakater.com/search"
	reloaderMatch      = "reloader.stakater.com/match"  // of Secrets
	reloaderIgnore     = "reloader.stakater.com/ignore" // of Secrets
	// lastReloadedFrom is what Reloader writes to a Pod template, if not a variable.
	lastReloadedFrom = "reloader.stakater.com/last-reloaded-from"
)

const yes = "true"

// ReloaderRestarts reports whether Stakater's Reloader restarts the workload when the Secret
// with that name and those annotations changes: by its annotations, on the workload or else
// on its Pod template, or because it has done so before. It decides as Reloader does, oddities
// included: what one of both restarts too much is restarted twice, and what each leaves to the
// other not at all.
func (r *Rolling) ReloaderRestarts(secret string, annotations map[string]string) bool {
	own := r.Meta.GetAnnotations()
	if annotations[reloaderIgnore] == yes || excludes(own[reloaderExclude], secret) {
		return false
	}
	said := own
	if !anyOf(own, reloaderAuto, reloaderSecretAuto, reloaderReload, reloaderSearch) {
		said = r.Template
	}
	switch {
	case matches(said[reloaderReload], secret):
		return true
	case said[reloaderSearch] == yes && annotations[reloaderMatch] == yes:
		return r.reloaderSees(secret)
	case anyOf(said, reloaderAuto, reloaderSecretAuto):
		return (isTrue(said[reloaderAuto]) || isTrue(said[reloaderSecretAuto])) && r.reloaderSees(secret)
	default:
		return r.reloaded(secret)
	}
}

func isTrue(text string) bool {
	value, err := strconv.ParseBool(text)
	return err == nil && value
}

func anyOf(annotations map[string]string, keys ...string) bool {
	return slices.ContainsFunc(keys, func(key string) bool {
		_, ok := annotations[key]
		return ok
	})
}

// excludes reports whether a name is in a list separated by commas.
func excludes(list, name string) bool {
	return slices.ContainsFunc(strings.Split(list, ","), func(member string) bool { return strings.TrimSpace(member) == name })
}

// matches reports whether a name matches one of a list of regular expressions, which Reloader
// does not put into parentheses.
func matches(list, name string) bool {
	return slices.ContainsFunc(strings.Split(list, ","), func(member string) bool {
		pattern, err := regexp.Compile("^" + strings.TrimSpace(member) + "$")
		return err == nil && pattern.MatchString(name)
	})
}

// reloaderSees reports whether Reloader finds the Secret in the Pod template by itself: it knows
// variables, and volumes that a container mounts.
func (r *Rolling) reloaderSees(secret string) bool {
	return slices.ContainsFunc(Uses(secret, &r.Pod), func(u Use) bool { return u.Container != "" && u.Means != Driver })
}

// notInVariables matches what Reloader writes as an underscore in a variable's name.
var notInVariables = regexp.MustCompile("[^a-zA-Z0-9]+") //nolint:gochecknoglobals // a compiled constant

// reloaded reports whether Reloader, where it watches everything, restarted the workload for the
// Secret before: a variable or an annotation tells, whichever it was installed to write.
func (r *Rolling) reloaded(secret string) bool {
	var last struct {
		Type string `json:"type"`
		Name string `json:"name"`
	}
	if json.Unmarshal([]byte(r.Template[lastReloadedFrom]), &last) == nil && last.Type == "SECRET" && last.Name == secret {
		return true
	}
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
