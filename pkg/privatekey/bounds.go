// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package privatekey

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
)

const (
	// MaxSize is the size of the largest key that is parsed in bytes: RSA with MaxRSABits.
	MaxSize = 5 << 10
	// MaxRSABits is the length of the longest modulus.
	MaxRSABits = 8192
)

// pkcs1 is an RSA key as RFC 8017, appendix A.1.2, has it, and as crypto/x509 reads it.
type pkcs1 struct {
	Version       int
	N             *big.Int
	E             int
	D, P, Q       *big.Int
	Dp            *big.Int     `asn1:"optional"`
	Dq            *big.Int     `asn1:"optional"`
	Qinv          *big.Int     `asn1:"optional"`
	FurtherPrimes []pkcs1Prime `asn1:"optional,omitempty"`
}

type pkcs1Prime struct{ Prime, Exp, Coeff *big.Int }

// pkcs8 is a key of any kind as RFC 5208 has it, and as crypto/x509 reads it.
type pkcs8 struct {
	Version    int
	Algorithm  pkix.AlgorithmIdentifier
	PrivateKey []byte
}

// Parsable reports whether it takes a bounded time to parse what may be a private key in PKCS #1,
// PKCS #8 or SEC 1. It does not say that it is one.
func Parsable(der []byte) bool {
	if len(der) > MaxSize {
		return false
	}
	var outer pkcs8
	if _, err := asn1.Unmarshal(der, &outer); err == nil {
		der = outer.PrivateKey
	}
	var key pkcs1
	if _, err := asn1.Unmarshal(der, &key); err != nil {
		return true // The parsers stop here, too, or it is no RSA: then the curve bounds it.
	}
	bounded := func(n *big.Int, bits int) bool { return n.BitLen() <= bits }
	return len(key.FurtherPrimes) == 0 && bounded(key.N, MaxRSABits) && bounded(key.D, MaxRSABits) &&
		bounded(key.P, MaxRSABits/2) && bounded(key.Q, MaxRSABits/2)
}
