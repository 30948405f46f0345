// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template

import (
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/crypto/blowfish" //nolint:staticcheck // bcrypt is made of it
)

// Parameters of bcrypt: 2 to the power of the cost is the number of its rounds, 72 the bytes of
// a password that it looks at.
const (
	bcryptCost     = 10
	bcryptPassword = 72
	bcryptSalt     = 16
)

// htpasswd writes the line of a password file with a hash of bcrypt. Its salt is derived from
// whom it is for, the SecretSync and the user, and not from the password: what is derived from
// that quickly would let passwords be tried quickly.
func (r *run) htpasswd(user, password string) (string, error) {
	if user == "" || strings.ContainsAny(user, ":\r\n\x00") {
		return "", refusal("the name of a user must not be empty, nor have a colon or a line end")
	}
	if len(password) > bcryptPassword || strings.ContainsRune(password, 0) {
		return "", refusal("a password has at most %d bytes, none of them zero, because bcrypt looks at no more", bcryptPassword)
	}
	salt, err := saltFor(r.names, user)
	if err != nil {
		return "", err
	}
	hash, err := bcrypt([]byte(password), salt)
	if err != nil {
		return "", err
	}
	return user + ":" + hash, nil
}

// saltFor returns the salt of a user's hashes.
func saltFor(names Names, user string) ([]byte, error) {
	source, err := derived("htpasswd", []byte(names.Namespace), []byte(names.Name), []byte(user))
	if err != nil {
		return nil, err
	}
	salt := make([]byte, bcryptSalt)
	_, err = io.ReadFull(source, salt)
	return salt, err //nolint:wrapcheck // told anew by whoever bound the function
}

// bcrypt is that of golang.org/x/crypto/bcrypt, but for the salt, which it is given: see
// https://www.usenix.org/legacy/events/usenix99/provos/provos.pdf.
func bcrypt(password, salt []byte) (string, error) {
	key := slices.Concat(password, []byte{0})
	cipher, err := blowfish.NewSaltedCipher(key, salt)
	if err != nil {
		return "", err //nolint:wrapcheck // told anew by whoever bound the function
	}
	for range 1 << bcryptCost {
		blowfish.ExpandKey(key, cipher)
		blowfish.ExpandKey(salt, cipher)
	}
	text := []byte("OrpheanBeholderScryDoubt")
	for at := 0; at < len(text); at += blowfish.BlockSize {
		for range 64 {
			cipher.Encrypt(text[at:at+blowfish.BlockSize], text[at:at+blowfish.BlockSize])
		}
	}
	alphabet := base64.NewEncoding("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789").WithPadding(base64.NoPadding)
	// The C implementation drops the last byte of the text, and so do all.
	return fmt.Sprintf("$2y$%02d$%s%s", bcryptCost, alphabet.EncodeToString(salt), alphabet.EncodeToString(text[:len(text)-1])), nil
}
