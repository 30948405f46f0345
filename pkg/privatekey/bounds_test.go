// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package privatekey

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
)

// odd returns an odd number of so many bits.
func odd(bits int) *big.Int {
	n := new(big.Int).Lsh(big.NewInt(1), uint(bits-1)) //nolint:gosec // a few thousand
	return n.SetBit(n, 0, 1)
}

func encoded(t *testing.T, value any) []byte {
	t.Helper()
	der, err := asn1.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// inPKCS8 puts an RSA key into PKCS #8.
func inPKCS8(t *testing.T, key []byte) []byte {
	t.Helper()
	rsaEncryption := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	return encoded(t, pkcs8{Algorithm: pkix.AlgorithmIdentifier{Algorithm: rsaEncryption, Parameters: asn1.NullRawValue}, PrivateKey: key})
}

func TestParsable(t *testing.T) {
	genuine, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sec1, err := x509.MarshalECPrivateKey(curve)
	if err != nil {
		t.Fatal(err)
	}
	made := func(n, d, p, q int) []byte {
		return encoded(t, pkcs1{N: odd(n), E: 65537, D: odd(d), P: odd(p), Q: odd(q)})
	}
	for name, tc := range map[string]struct {
		der  []byte
		want bool
	}{
		"PKCS1":         {x509.MarshalPKCS1PrivateKey(genuine), true},
		"PKCS8":         {inPKCS8(t, x509.MarshalPKCS1PrivateKey(genuine)), true},
		"SEC1":          {sec1, true},
		"NoKey":         {[]byte("no key"), true},
		"Longest":       {made(8192, 8192, 4096, 4096), true},
		"LongModulus":   {made(8193, 8192, 4096, 4096), false},
		"LongExponent":  {made(8192, 8193, 4096, 4096), false},
		"LongPrime":     {made(2048, 2048, 30000, 2), false},
		"LongOther":     {made(2048, 2048, 2, 4097), false},
		"LongInPKCS8":   {inPKCS8(t, made(2048, 2048, 30000, 2)), false},
		"FurtherPrimes": {encoded(t, pkcs1{Version: 1, N: odd(9), E: 3, D: odd(9), P: odd(3), Q: odd(3), FurtherPrimes: []pkcs1Prime{{odd(3), odd(3), odd(3)}}}), false},
		"Large":         {bytes.Repeat([]byte{1}, MaxSize+1), false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Parsable(tc.der); got != tc.want {
				t.Errorf("got %t, want %t", got, tc.want)
			}
		})
	}
}
