// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package render_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// What a certificate and its key look like to those who do not read them.
const (
	someCertificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
	someKey         = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"
)

// lockedKey is a key with a passphrase, which who reads it knows.
const lockedKey = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,AAAA\n\nAAAA\n-----END RSA PRIVATE KEY-----\n"

// TestCheckTemplated: what templates make has to be fit for a Secret of its type, and says so
// without a value.
func TestCheckTemplated(t *testing.T) {
	const marker = "m4rk3rvalue"
	for name, tc := range map[string]struct {
		kind string
		made map[string]string
		want string // the reason of the error; empty for none
	}{
		"Opaque":           {kind: "Opaque", made: map[string]string{"any": marker}},
		"Nothing":          {kind: "Opaque", want: render.ReasonNothingTaken},
		"IllegalKey":       {kind: "Opaque", made: map[string]string{"a/b": marker}, want: render.ReasonInvalidKey},
		"TooLarge":         {kind: "Opaque", made: map[string]string{"a": strings.Repeat("x", 1<<20)}, want: render.ReasonTooLarge},
		"TLSWithoutKey":    {kind: "kubernetes.io/tls", made: map[string]string{"tls.crt": someCertificate}, want: render.ReasonTypeKeyMissing},
		"TLSNoCertificate": {kind: "kubernetes.io/tls", made: map[string]string{"tls.crt": marker, "tls.key": marker}, want: render.ReasonInvalidShape},
		"TLSBroken":        {kind: "kubernetes.io/tls", made: map[string]string{"tls.crt": someCertificate, "tls.key": someKey}, want: render.ReasonInvalidShape},
		"SSH":              {kind: "kubernetes.io/ssh-auth", made: map[string]string{"ssh-privatekey": someKey}},
		"SSHNoKey":         {kind: "kubernetes.io/ssh-auth", made: map[string]string{"ssh-privatekey": marker}, want: render.ReasonInvalidShape},
		"Docker":           {kind: "kubernetes.io/dockerconfigjson", made: map[string]string{".dockerconfigjson": `{"auths": {"a": {}}}`}},
		"DockerNoAuths":    {kind: "kubernetes.io/dockerconfigjson", made: map[string]string{".dockerconfigjson": `{"` + marker + `": {}}`}, want: render.ReasonInvalidShape},
		"DockerOtherAuths": {kind: "kubernetes.io/dockerconfigjson", made: map[string]string{".dockerconfigjson": `{"auths": ["` + marker + `"]}`}, want: render.ReasonInvalidShape},
		"KeyIsAValue":      {kind: "Opaque", made: map[string]string{marker + " /": "x"}, want: render.ReasonInvalidKey},
		"SSHLegacy":        {kind: "kubernetes.io/ssh-auth", made: map[string]string{"ssh-privatekey": lockedKey}},
		"SSHPublic":        {kind: "kubernetes.io/ssh-auth", made: map[string]string{"ssh-privatekey": "ssh-ed25519 AAAA " + marker}, want: render.ReasonInvalidShape},
		"SSHSpaces":        {kind: "kubernetes.io/ssh-auth", made: map[string]string{"ssh-privatekey": strings.ReplaceAll(someKey, "\n", " ")}, want: render.ReasonInvalidShape},
		"DockerEmpty":      {kind: "kubernetes.io/dockerconfigjson", made: map[string]string{".dockerconfigjson": `{"auths": {}}`}, want: render.ReasonInvalidShape},
		"DockerAuth":       {kind: "kubernetes.io/dockerconfigjson", made: map[string]string{".dockerconfigjson": `{"auths": {"a": {"auth": "dTpw"}}}`}},
		"DockerUnpadded":   {kind: "kubernetes.io/dockerconfigjson", made: map[string]string{".dockerconfigjson": `{"auths": {"a": {"auth": "dTpwdw"}}}`}},
		"DockerPlainAuth":  {kind: "kubernetes.io/dockerconfigjson", made: map[string]string{".dockerconfigjson": `{"auths": {"a": {"auth": "u:` + marker + `"}}}`}, want: render.ReasonInvalidShape},
		"DockerAuthNoUser": {kind: "kubernetes.io/dockerconfigjson", made: map[string]string{".dockerconfigjson": `{"auths": {"a": {"auth": "cHc="}}}`}, want: render.ReasonInvalidShape},
		"DockerNumber":     {kind: "kubernetes.io/dockerconfigjson", made: map[string]string{".dockerconfigjson": `{"auths": {"a": {"username": "u", "password": 123456}}}`}, want: render.ReasonInvalidShape},
		"BasicAuth":        {kind: "kubernetes.io/basic-auth", made: map[string]string{"username": marker}},
		"BasicAuthNothing": {kind: "kubernetes.io/basic-auth", made: map[string]string{"other": marker}, want: render.ReasonTypeKeyMissing},
	} {
		t.Run(name, func(t *testing.T) {
			content, err := checkTemplated(t, `{dataFrom: [{entry: {path: a}}], template: {object: x}, target: {type: `+tc.kind+`}}`, nil, tc.made)
			if fault.ReasonOf(err) != tc.want || err != nil && (!fault.Is(err, fault.InvalidContent) || strings.Contains(err.Error(), marker)) {
				t.Fatalf("want reason %q, got %v", tc.want, err)
			}
			if err == nil && !cmp.Equal(plain(content), tc.made) {
				t.Errorf("want what was made, got %v", slices.Collect(maps.Keys(content.Data)))
			}
		})
	}
}

// TestPairs: a certificate goes with its key, in whatever notation; the leaf comes first; and one that
// has expired is served, because what there was before has expired, too.
func TestPairs(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaText, ecText, edText := certificateOf(t, rsaKey), certificateOf(t, ecKey), certificateOf(t, edKey)
	sec1, err := x509.MarshalECPrivateKey(ecKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		certificates, key string
		ok                bool
	}{
		"PKCS1":      {rsaText, pemText("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey)), true},
		"PKCS8":      {rsaText, pkcs8(t, rsaKey), true},
		"SEC1":       {ecText, pemText("EC PRIVATE KEY", sec1), true},
		"EC":         {ecText, pkcs8(t, ecKey), true},
		"Ed25519":    {edText, pkcs8(t, edKey), true},
		"LeafFirst":  {ecText + rsaText, pkcs8(t, ecKey), true},
		"LeafLast":   {rsaText + ecText, pkcs8(t, ecKey), false},
		"OtherKey":   {rsaText, pkcs8(t, ecKey), false},
		"KeyAlone":   {pkcs8(t, ecKey), pkcs8(t, ecKey), false},
		"NoKey":      {ecText, ecText, false},
		"Passphrase": {rsaText, lockedKey, false},
		// To parse it takes hours, unless it is looked at before.
		"Endless": {rsaText, pemText("RSA PRIVATE KEY", endless(t)), false},
		"Second":  {rsaText, pemText("PRIVATE KEY", []byte("none")) + pemText("RSA PRIVATE KEY", endless(t)), false},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := checkTemplated(t, `{dataFrom: [{entry: {path: a}}], template: {object: x}, target: {type: kubernetes.io/tls}}`, nil,
				map[string]string{"tls.crt": tc.certificates, "tls.key": tc.key})
			if (err == nil) != tc.ok || err != nil && fault.ReasonOf(err) != render.ReasonInvalidShape {
				t.Errorf("want accepted %t, got %v", tc.ok, err)
			}
		})
	}
}

// certificateOf returns a certificate for a key, which has expired.
func certificateOf(t *testing.T, key crypto.Signer) string {
	t.Helper()
	about := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "web"}, NotAfter: time.Unix(1, 0)}
	der, err := x509.CreateCertificate(rand.Reader, about, about, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return pemText("CERTIFICATE", der)
}

func pkcs8(t *testing.T, key crypto.Signer) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pemText("PRIVATE KEY", der)
}

func pemText(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// TestValuesBesideTemplates are dropped, or kept where no template makes their key.
func TestValuesBesideTemplates(t *testing.T) {
	for choice, want := range map[string]map[string]string{
		"Drop": {"both": "made", "mine": "made"},
		"Keep": {"both": "made", "mine": "made", "theirs": "collected"},
	} {
		spec := `{dataFrom: [{entry: {path: a}}], template: {object: x, values: ` + choice + `}}`
		content, err := checkTemplated(t, spec, map[string]string{"both": "collected", "theirs": "collected"}, map[string]string{"both": "made", "mine": "made"})
		if diff := cmp.Diff(want, plain(content)); err != nil || diff != "" {
			t.Errorf("%s: error %v (-want +got):\n%s", choice, err, diff)
		}
	}
}

func checkTemplated(t *testing.T, spec string, values, made map[string]string) (render.Content, error) {
	t.Helper()
	plan, err := render.NewPlan(specOf(t, spec), nil)
	if err != nil {
		t.Fatal(err)
	}
	revealed := func(texts map[string]string) map[string]sensitive.Value {
		all := map[string]sensitive.Value{}
		for key, text := range texts {
			all[key] = sensitive.FromString(text)
		}
		return all
	}
	return plan.CheckTemplated(revealed(values), revealed(made))
}

// endless returns what looks like an RSA key, with a prime that is much too long.
func endless(t *testing.T) []byte {
	t.Helper()
	prime := new(big.Int).Lsh(big.NewInt(1), 30_000*8)
	der, err := asn1.Marshal(struct {
		Version int
		N       *big.Int
		E       int
		D, P, Q *big.Int
	}{N: big.NewInt(3), E: 65537, D: big.NewInt(1), P: prime.SetBit(prime, 0, 1), Q: big.NewInt(3)})
	if err != nil {
		t.Fatal(err)
	}
	return der
}
