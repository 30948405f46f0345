// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
)

// detectAgain is how often a doubt may cost another detection.
const detectAgain = time.Minute

// engine remembers which version of the KV engine the mount is.
type engine struct {
	clock clock.PassiveClock
	// fixed is the version that the specification states; empty detects it.
	fixed string

	mu       sync.Mutex
	detected string
	at       time.Time
}

func newEngine(spec string, clock clock.PassiveClock) *engine {
	if spec == v1alpha1.KVVersionAuto {
		spec = ""
	}
	return &engine{fixed: spec, clock: clock}
}

// known returns V1 or V2, or "" while it is not known.
func (e *engine) known() string {
	if e.fixed != "" {
		return e.fixed
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.detected
}

func (e *engine) learn(version string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.detected, e.at = version, e.clock.Now()
}

// doubt reports whether a hint that the engine is another one may cost a detection now: at
// most one in a while, so that an absent entry does not double the requests.
func (e *engine) doubt() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.fixed != "" || e.clock.Since(e.at) < detectAgain {
		return false
	}
	e.at = e.clock.Now()
	return true
}

// kvVersion returns V1 or V2, asking Vault if it is not known: one request serves all who
// ask meanwhile.
func (v *vault) kvVersion(ctx context.Context) (string, error) {
	if known := v.engine.known(); known != "" {
		return known, nil
	}
	return remote.Shared(ctx, v.identity.life, "detect", func(ctx context.Context) (string, error) {
		if known := v.engine.known(); known != "" {
			return known, nil
		}
		return v.detect(ctx)
	})
}

// detect asks Vault for the engine's version and remembers it.
func (v *vault) detect(ctx context.Context) (string, error) {
	version, err := v.mountVersion(ctx)
	if err != nil {
		return "", err
	}
	v.engine.learn(version)
	return version, nil
}

// mountAnswer is what sys/internal/ui/mounts says of a mount. A token with any access
// below a mount may ask.
type mountAnswer struct {
	Data struct {
		Path    string            `json:"path"`
		Type    string            `json:"type"`
		Options map[string]string `json:"options"`
	} `json:"data"`
}

// mountVersion reads which KV version the mount has. Errors: NotFound (no such mount),
// Denied, InvalidSpec (the mount keeps no secrets), Throttled, Unavailable.
func (v *vault) mountVersion(ctx context.Context) (string, error) {
	got, err := v.authorized(ctx, call{method: http.MethodGet, path: "sys/internal/ui/mounts/" + v.mount, namespace: v.namespace})
	if err != nil {
		return "", err
	}
	switch got.Status {
	case http.StatusOK:
	case http.StatusForbidden:
		return "", v.detectionDenied()
	case http.StatusNotFound:
		return "", v.mountNotFound()
	default:
		return "", v.unexpected(fmt.Sprintf("looking at mount %q", v.mount), got)
	}
	var said mountAnswer
	if err := got.decode(&said); err != nil {
		return "", err
	}
	switch mount := said.Data; {
	case mount.Type == "":
		return "", unreadable("the mount has no type")
	case mount.Path != v.mount+"/":
		// Vault answers with the mount above, if the one asked for is not there.
		return "", v.mountNotFound()
	case mount.Type != "kv" && mount.Type != "generic":
		return "", fault.New(fault.InvalidSpec, "NotAKVMount", "mount %q is no KV secrets engine", v.mount)
	case mount.Options["version"] == "2":
		return v1alpha1.KVVersion2, nil
	}
	return v1alpha1.KVVersion1, nil
}

// ProveContainer returns nil if the mount answers and is of the version that is read.
func (v *vault) ProveContainer(ctx context.Context, _ backend.EntryRef) error {
	used, err := v.kvVersion(ctx)
	if err != nil {
		return err
	}
	is, err := v.mountVersion(ctx)
	if err != nil {
		return err
	}
	switch {
	case is == used:
		return nil
	case v.engine.fixed == "":
		v.engine.learn(is)
		return remote.Unavailable(ReasonKVVersionMismatch, "mount %q has become a KV engine of another version, and is read anew", v.mount)
	}
	return fault.New(fault.InvalidSpec, ReasonKVVersionMismatch,
		"mount %q is a KV engine of version %s, but spec.vault.kvVersion says %s", v.mount, is, used)
}

func (v *vault) mountNotFound() error {
	return fault.New(fault.NotFound, backend.ReasonMountNotFound, "mount %q%s does not exist", v.mount, v.inNamespace())
}

// detectionDenied explains a 403, which Vault also gives for a mount that does not exist.
func (v *vault) detectionDenied() error {
	advice := "; or set spec.vault.kvVersion"
	if v.unedited {
		advice = ""
	}
	return fault.New(fault.Denied, ReasonKVVersionUnknown,
		"mount %q%s does not exist, or %s has no access below it: %s would allow reading it and finding its KV version%s",
		v.mount, v.inNamespace(), v.identity.method.who(), policyLine(v.mount+"/data/*"), advice)
}
