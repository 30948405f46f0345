// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package revision_test

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/secretsync/secretsync/pkg/revision"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

func key(b byte) []byte { return bytes.Repeat([]byte{b}, 32) }

func data(pairs ...string) map[string]sensitive.Value {
	result := map[string]sensitive.Value{}
	for i := 0; i < len(pairs); i += 2 {
		result[pairs[i]] = sensitive.FromString(pairs[i+1])
	}
	return result
}

func sealed() revision.Sealed {
	return revision.Sealed{
		ID:         revision.ID{Namespace: "payments", Name: "db", Number: 7},
		Type:       "Opaque",
		Data:       data("USER", "app", "PASSWORD", "s3cr3t"),
		ObservedAt: time.Date(2026, 1, 2, 15, 4, 5, 999, time.FixedZone("", 3600)),
		Notes:      []string{`[{"path":"payments/db"}]`, "{}", "spec"},
	}
}

// TestKeysAreStableAcrossReleases pins what another program computed from the layout that
// the design describes: another value here makes every revision of every
// installation untrusted after an upgrade.
func TestKeysAreStableAcrossReleases(t *testing.T) {
	keys, s := revision.Keys{Current: key(1), Previous: key(2)}, sealed()
	for name, text := range map[string]struct{ got, want string }{
		"MAC":    {keys.MAC(s), "189a23300b7f7b5ce8b8b58289713b66e23fc732aa2306221e010a8afdbefc1f"},
		"Digest": {keys.Digest(s.ID, s.Type, s.Data), "1104e23595d9dd4430d671b49049579b5e5f0c6bd82a08b2810179219489ebf5"},
		"Token":  {keys.Token(s.ID, s.Type, s.Data), "0b03e7341eae06e9"},
		"Empty":  {keys.Digest(revision.ID{}, "", nil), "85c396d03a449a72015353f6b4f21c6e2a9faa67e07bda9406bd984f931595b3"},
	} {
		if text.got != text.want {
			t.Errorf("%s = %q, want %q", name, text.got, text.want)
		}
	}
}

// TestMACCoversEverything changes one thing at a time.
func TestMACCoversEverything(t *testing.T) {
	keys := revision.Keys{Current: key(1)}
	genuine := keys.MAC(sealed())
	if !keys.VerifyMAC(genuine, sealed()) {
		t.Fatal("the genuine revision does not verify")
	}
	for name, change := range map[string]func(*revision.Sealed){
		"Namespace":       func(s *revision.Sealed) { s.ID.Namespace = "other" },
		"Name":            func(s *revision.Sealed) { s.ID.Name = "other" },
		"Number":          func(s *revision.Sealed) { s.ID.Number++ },
		"NamespaceToName": func(s *revision.Sealed) { s.ID.Namespace, s.ID.Name = "payment", "sdb" },
		"Type":            func(s *revision.Sealed) { s.Type = "kubernetes.io/tls" },
		"Value":           func(s *revision.Sealed) { s.Data["USER"] = sensitive.FromString("apq") },
		"EmptyValue":      func(s *revision.Sealed) { s.Data["USER"] = sensitive.Value{} },
		"KeyMissing":      func(s *revision.Sealed) { delete(s.Data, "USER") },
		"KeyMore":         func(s *revision.Sealed) { s.Data["MORE"] = sensitive.Value{} },
		"KeyRenamed":      func(s *revision.Sealed) { s.Data["USER2"] = s.Data["USER"]; delete(s.Data, "USER") },
		"ValuesSwapped": func(s *revision.Sealed) {
			s.Data["USER"], s.Data["PASSWORD"] = s.Data["PASSWORD"], s.Data["USER"]
		},
		"Time":        func(s *revision.Sealed) { s.ObservedAt = s.ObservedAt.Add(time.Second) },
		"Note":        func(s *revision.Sealed) { s.Notes[2] = "spec2" },
		"NoteMissing": func(s *revision.Sealed) { s.Notes = s.Notes[:2] },
		"NotesMerged": func(s *revision.Sealed) { s.Notes = []string{s.Notes[0], s.Notes[1] + s.Notes[2], ""} },
		"NotesSwapped": func(s *revision.Sealed) {
			s.Notes[0], s.Notes[1] = s.Notes[1], s.Notes[0]
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := sealed()
			change(&s)
			if keys.VerifyMAC(genuine, s) || keys.MAC(s) == genuine {
				t.Error("the change goes unnoticed")
			}
		})
	}
}

// TestMACIgnoresWhatIsNotKept: whole seconds in whatever zone are the same time.
func TestMACIgnoresWhatIsNotKept(t *testing.T) {
	keys, s := revision.Keys{Current: key(1)}, sealed()
	s.ObservedAt = s.ObservedAt.UTC().Truncate(time.Second)
	if !keys.VerifyMAC(keys.MAC(sealed()), s) {
		t.Error("the time as it is stored does not verify")
	}
}

func TestKeysAcceptTheCurrentAndThePrevious(t *testing.T) {
	s := sealed()
	byOld, byNew := revision.Keys{Current: key(1)}, revision.Keys{Current: key(2)}
	rotating := revision.Keys{Current: key(2), Previous: key(1)}
	cases := map[string]struct {
		reason  string
		maker   revision.Keys
		checker revision.Keys
		want    bool
	}{
		"Own":            {maker: byNew, checker: byNew, want: true},
		"Other":          {maker: byOld, checker: byNew, want: false},
		"Previous":       {maker: byOld, checker: rotating, want: true},
		"Current":        {maker: byNew, checker: rotating, want: true},
		"MadeByCurrent":  {reason: "the previous key makes nothing any more", maker: rotating, checker: byOld, want: false},
		"CheckerNoKeys":  {reason: "without keys nothing verifies", maker: byNew, checker: revision.Keys{}, want: false},
		"NobodyHasKeys":  {reason: "an unkeyed code is one that everybody can make", maker: revision.Keys{}, checker: revision.Keys{}, want: false},
		"MakerNoKeys":    {maker: revision.Keys{}, checker: rotating, want: false},
		"EmptyPrevious":  {maker: revision.Keys{}, checker: revision.Keys{Current: key(2), Previous: []byte{}}, want: false},
		"PreviousBeside": {maker: byOld, checker: revision.Keys{Previous: key(1)}, want: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := tc.checker.VerifyMAC(tc.maker.MAC(s), s); got != tc.want {
				t.Errorf("VerifyMAC = %t: %s", got, tc.reason)
			}
			if got := tc.checker.MatchesDigest(tc.maker.Digest(s.ID, s.Type, s.Data), s.ID, s.Type, s.Data); got != tc.want {
				t.Errorf("MatchesDigest = %t: %s", got, tc.reason)
			}
		})
	}
}

// TestPurposesAreApart: what one function makes is not what another accepts.
func TestPurposesAreApart(t *testing.T) {
	keys, s := revision.Keys{Current: key(1)}, sealed()
	s.Notes, s.ObservedAt = nil, time.Unix(0, 0)
	mac, digest, token := keys.MAC(s), keys.Digest(s.ID, s.Type, s.Data), keys.Token(s.ID, s.Type, s.Data)
	if keys.VerifyMAC(digest, s) || keys.MatchesDigest(mac, s.ID, s.Type, s.Data) {
		t.Error("a digest passes for a MAC, or the other way round")
	}
	if strings.HasPrefix(mac, token) || strings.HasPrefix(digest, token) {
		t.Error("the token shows a part of another code")
	}
	for _, text := range []string{"", digest[:63], digest + "0", strings.ToUpper(digest)} {
		if keys.MatchesDigest(text, s.ID, s.Type, s.Data) {
			t.Errorf("%q passes for %q", text, digest)
		}
	}
}

// state is all that a digest is bound to.
type state struct {
	id         revision.ID
	secretType string
	data       map[string]string
}

func (s state) equal(o state) bool {
	return s.id == o.id && s.secretType == o.secretType && maps.Equal(s.data, o.data)
}

func (s state) digest(keys revision.Keys) string {
	values := map[string]sensitive.Value{}
	for key, value := range s.data {
		values[key] = sensitive.FromString(value)
	}
	return keys.Digest(s.id, s.secretType, values)
}

// drawState draws from so few letters that different states often concatenate to one text.
func drawState(t *rapid.T) state {
	text := rapid.StringMatching(`[ab\x00]{0,3}`)
	return state{
		id: revision.ID{
			Namespace: text.Draw(t, "namespace"), Name: text.Draw(t, "name"), Number: rapid.Int64Range(0, 2).Draw(t, "number"),
		},
		secretType: text.Draw(t, "type"),
		data:       rapid.MapOfN(text, text, 0, 3).Draw(t, "data"),
	}
}

// TestDigestsCollideOnlyForEqualStates: parts are length-prefixed and keys in order, so
// that moving a boundary makes another digest.
func TestDigestsCollideOnlyForEqualStates(t *testing.T) {
	keys := revision.Keys{Current: key(1)}
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawState(t), drawState(t)
		if rapid.Bool().Draw(t, "near") {
			b = a
			b.data = maps.Clone(a.data)
			for _, key := range slices.Sorted(maps.Keys(a.data)) { // move the boundary between a key and its value
				value := b.data[key]
				delete(b.data, key)
				b.data[key+value] = ""
				break
			}
		}
		if got := a.digest(keys) == b.digest(keys); got != a.equal(b) {
			t.Fatalf("equal digests: %t, for %+v and %+v", got, a, b)
		}
	})
}

// TestLossToken: it is of these names at this revision, and no other keyed digest.
func TestLossToken(t *testing.T) {
	keys := revision.Keys{Current: bytes.Repeat([]byte{1}, 32)}
	id := revision.ID{Namespace: "ns", Name: "n", Number: 3}
	later := id
	later.Number = 4
	token := keys.LossToken(id, []string{"a", "b"})
	for what, other := range map[string]string{
		"AnotherName": keys.LossToken(id, []string{"a", "c"}), "Joined": keys.LossToken(id, []string{"ab"}),
		"Later": keys.LossToken(later, []string{"a", "b"}), "OfContent": keys.Token(id, "", nil),
		"OtherKeys": revision.Keys{Current: bytes.Repeat([]byte{2}, 32)}.LossToken(id, []string{"a", "b"}),
	} {
		if other == token {
			t.Errorf("%s: want another token", what)
		}
	}
	if again := keys.LossToken(id, []string{"a", "b"}); again != token || len(token) != 16 {
		t.Errorf("want the same 16 characters each time, got %q and %q", token, again)
	}
}

// TestIsNameSuffix: a copy of a Secret is seldom named as one of its content.
func TestIsNameSuffix(t *testing.T) {
	made := (revision.Keys{Current: []byte("key")}).NameSuffix("shop", "db", "Opaque", nil)
	for text, want := range map[string]bool{
		made: true, "0123456789": true, "": false, "backup": false, "012345678": false, "0123456789a": false,
		"012345678g": false, "0123-56789": false, "ABCDEFABCD": false,
	} {
		if got := revision.IsNameSuffix(text); got != want {
			t.Errorf("IsNameSuffix(%q) = %t", text, got)
		}
	}
}
