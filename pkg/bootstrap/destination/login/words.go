// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package login

import (
	"crypto/x509"
	"errors"
	"net/url"
	"strings"

	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
)

// Plan is how the plan calls a server.
type Plan struct {
	// Name is that of the system, such as Vault, and Field the plan's field that describes it.
	Name, Field string
}

// Reworded returns an error of a backend in the words of a plan. It goes by the reason: of those
// whose messages advise to edit a SecretBackend or a flag of the operator, the message is another
// one. All others stand as they are.
func (p Plan) Reworded(err error) error {
	f := fault.As(err)
	if f == nil {
		return err
	}
	text, advised := p.words()[f.Reason]
	if !advised {
		return err
	}
	return rewritten(f, p.Name+": "+text)
}

// words are messages by reason.
func (p Plan) words() map[string]string {
	field := func(name string) string { return "the plan's " + p.Field + "." + name }
	return map[string]string{
		remote.ReasonInvalidBackend:   "it is not described as it could be reached: see " + p.Field + " in the plan, and the mount",
		remote.ReasonAddressRefused:   "its address is not one that may be dialled",
		remote.ReasonTimeout:          "no answer in time",
		remote.ReasonRedirected:       "it answers with a redirect, and none is followed: " + field("address") + " must name the server itself, not a standby",
		remote.ReasonTLSUntrusted:     "its certificate is not valid, or signed by nobody trusted: " + field("caFile") + " says whom to trust",
		remote.ReasonTLSWrongName:     "its certificate is for another name than that in " + field("address"),
		remote.ReasonTLSClientRefused: "it refused the TLS handshake: it may want a client certificate, which the bootstrap helper has none of",
		remote.ReasonTLSFailed:        "one side speaks TLS 1.2 or later and the other does not: " + field("address") + " begins with https: or http:, and may be the wrong one",
	}
}

// reasonInvalidServer is that of errors about the plan's own description of a server. InvalidSpec.
const reasonInvalidServer = "InvalidServer"

// Host returns the host of the server's address, once that and the certificates, PEM, which may be
// none, can be used. Errors: InvalidSpec, naming the plan's field.
func (p Plan) Host(address string, ca []byte) (string, error) {
	u, err := url.Parse(address)
	if err != nil || !bare(u) {
		return "", fault.New(fault.InvalidSpec, reasonInvalidServer, "the plan's %s.address must be scheme, host and port only, as in https://secrets.corp:8200", p.Field)
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !Network(u.Hostname()).AllowHTTP) {
		return "", fault.New(fault.InvalidSpec, reasonInvalidServer, "the plan's %s.address must begin with https:, but for a server on this machine", p.Field)
	}
	if len(ca) > 0 && !x509.NewCertPool().AppendCertsFromPEM(ca) {
		return "", fault.New(fault.InvalidSpec, reasonInvalidServer, "the plan's %s.caFile has no certificate in PEM", p.Field)
	}
	return u.Hostname(), nil
}

// bare reports whether an address is scheme, host and port only.
func bare(u *url.URL) bool {
	return u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == "" && strings.Trim(u.Path, "/") == ""
}

// At returns an error with the place before its message.
func At(place string, err error) error {
	f := fault.As(err)
	if f == nil {
		return err
	}
	return rewritten(f, place+": "+f.Message)
}

// With returns an error with more behind its message.
func With(err error, more string) error {
	f := fault.As(err)
	if f == nil {
		return err
	}
	return rewritten(f, f.Message+more)
}

// rewritten returns an error with another message.
func rewritten(f *fault.Error, message string) error {
	again := fault.New(f.Class, f.Reason, "%s", message).After(f.RetryAfter)
	if cause := errors.Unwrap(f); cause != nil {
		return again.Because(cause)
	}
	return again
}
