// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package invariants

import (
	"crypto/md5"  //nolint:gosec // searched for, not used
	"crypto/sha1" //nolint:gosec // searched for, not used
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

const (
	guessable = "hunter2hunter2"
	another   = "another value"
)

// TestDigestsAreNoOracle serves one value in two namespaces, under two names and in two
// revisions, and looks whether anything that leaves the operator gives the equality away.
func TestDigestsAreNoOracle(t *testing.T) {
	w := suite.Get(t)
	first, second := retire(t, w.Tenant(t, harness.TenantOptions{})), retire(t, w.Tenant(t, harness.TenantOptions{}))
	w.Run(t, harness.RunOptions{Args: quick()})
	places := []struct {
		n    *harness.Tenant
		name string
	}{{first, "one"}, {first, "two"}, {second, "one"}}
	for _, place := range places {
		place.n.Write(t, place.name, fields{field: guessable})
		place.n.Sync(t, place.name)
		place.n.AwaitReady(t, place.name, 1)
	}
	first.Write(t, "one", fields{field: another})
	first.AwaitReady(t, "one", 2)
	first.Write(t, "one", fields{field: guessable})
	first.AwaitReady(t, "one", 3)

	seen, open := map[string]string{}, ""
	note := func(where, digest string) {
		if digest == "" {
			t.Errorf("%s: want a digest", where)
		}
		if other, twice := seen[digest]; twice {
			t.Errorf("%s and %s show that they hold the same", where, other)
		}
		seen[digest] = where
	}
	for _, place := range places {
		at := place.n.Namespace + "/" + place.name
		s := place.n.Get(t, place.name)
		for _, entry := range s.Status.History {
			note(fmt.Sprintf("status of %s, revision %d", at, entry.Revision), entry.Digest)
		}
		open += asJSON(t, s) + asJSON(t, place.n.Secret(t, place.name).ObjectMeta)
		for number, kept := range place.n.Revisions(t, place.name) {
			note(fmt.Sprintf("revision %d of %s", number, at), kept.Annotations[v1alpha1.GroupName+"/mac"])
			open += asJSON(t, kept.ObjectMeta)
		}
	}
	if len(seen) != 10 {
		t.Errorf("want five digests and five codes, got %d", len(seen))
	}
	for name, digest := range plainDigests(guessable) {
		if strings.Contains(open, digest) {
			t.Errorf("the value's %s shows, by which it can be guessed", name)
		}
	}
}

// plainDigests are what anybody can compute of a guess.
func plainDigests(value string) map[string]string {
	found := map[string]string{}
	for form, text := range map[string]string{
		"value": value, "JSON": fmt.Sprintf("{%q:%q}", field, value), "pair": field + value, "pair=": field + "=" + value,
		"base64": base64.StdEncoding.EncodeToString([]byte(value)),
	} {
		b := []byte(text)
		md, s1, s256, s512 := md5.Sum(b), sha1.Sum(b), sha256.Sum256(b), sha512.Sum512(b) //nolint:gosec // see above
		for name, sum := range map[string][]byte{"MD5": md[:], "SHA-1": s1[:], "SHA-256": s256[:], "SHA-512": s512[:]} {
			// Its first bytes are enough to find a digest that was shortened.
			found[name+" of the "+form] = hex.EncodeToString(sum[:8])
			found[name+" of the "+form+", base64"] = base64.StdEncoding.EncodeToString(sum[:9])
		}
	}
	return found
}
