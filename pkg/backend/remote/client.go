// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
)

// MaxBody bounds an answer: four times what a Kubernetes Secret can hold, in bytes.
const MaxBody = 4 << 20

// Server says where a server is, how it is reached, and how messages name it.
type Server struct {
	// Name of the system in messages, such as Vault.
	Name string
	// Field of the backend that describes the server, such as spec.vault.
	Field string
	// Address is scheme, host and port.
	Address string
	// TLS says whom to trust and how to identify.
	TLS v1alpha1.TLS
	// Timeout bounds one request.
	Timeout time.Duration
	// Network is what the operator's flags allow.
	Network Network
	// Secrets reads what TLS refers to, in Namespace, at each new connection.
	Secrets   Secrets
	Namespace string
	// CertificateEnds is told when the client certificate ends.
	CertificateEnds func(time.Time)
	// Clock tells when an answer came that does not say when it was sent.
	Clock clock.PassiveClock
}

// Client sends single requests: no retry, no redirect, no proxy, bounded in time and size.
type Client struct {
	server Server
	http   *http.Client
	url    *url.URL
	// release gives the connections back.
	release func()
}

// Open returns a client of a server, without a request. Errors: InvalidSpec, naming the
// field.
func (ts *Pools) Open(s Server) (*Client, error) {
	if _, err := s.parse(); err != nil {
		return nil, err
	}
	trust, err := newTrust(s)
	if err != nil {
		return nil, err
	}
	pool, release := ts.acquire(s, trust)
	return NewClient(s, pool, release)
}

// NewClient returns a client that sends through pool and calls release when it is closed.
// Errors: InvalidSpec, naming the field.
func NewClient(s Server, pool http.RoundTripper, release func()) (*Client, error) {
	address, err := s.parse()
	if err != nil {
		return nil, err
	}
	return &Client{
		server: s, url: address, release: release,
		http: &http.Client{
			Transport:     pool,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// parse checks what the CRD's rules check too, for those who do not pass them, and what the
// operator's flags decide.
func (s Server) parse() (*url.URL, error) {
	u, err := url.Parse(s.Address)
	switch {
	case err != nil || !bare(u):
		return nil, s.invalid("address: scheme, host and port only, as in https://secrets.corp:8200")
	case u.Scheme == "http" && !s.Network.AllowHTTP:
		return nil, s.invalid("address: https only; the operator's flag --allow-http-backends permits http")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, s.invalid("address: scheme https is valid")
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil {
		if err := newGuard(s.Network).check(ip); err != nil {
			return nil, s.invalid("address: %s; the operator's flag --allowed-backend-cidrs permits ranges", err)
		}
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}

// bare reports whether a URL is scheme, host and port alone.
func bare(u *url.URL) bool {
	return u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == "" && strings.Trim(u.Path, "/") == ""
}

// Server returns what the client was made of.
func (c *Client) Server() Server { return c.server }

// Close gives the connections back. It is called once.
func (c *Client) Close() { c.release() }

// Request is one request.
type Request struct {
	Method string
	// Path begins with a slash. RawPath is the same, escaped, where a segment holds a slash.
	Path, RawPath string
	Query         url.Values
	Header        http.Header
	// Body is sent as it is, if not nil.
	Body []byte
}

// Answer is what the server said, whatever the status.
type Answer struct {
	Status int
	Header http.Header
	// At is when it was sent, by the sender's clock if it says.
	At time.Time
	// Body is at most one byte longer than MaxBody.
	Body []byte
}

// Send sends one request and reads the whole answer. Errors: Unavailable, with a reason of
// this package; those of Secrets; InvalidSpec where TLS refers to what is no PEM.
func (c *Client) Send(ctx context.Context, r Request) (*Answer, error) {
	bounded, cancel := context.WithTimeout(ctx, c.server.Timeout)
	defer cancel()
	req, err := c.request(bounded, r)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.transportFault(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := readBounded(resp)
	if err != nil {
		return nil, c.transportFault(ctx, err)
	}
	at, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		at = c.server.Clock.Now()
	}
	return &Answer{Status: resp.StatusCode, Header: resp.Header, At: at, Body: body}, nil
}

// readBounded reads a body, or one byte more than is allowed of it.
func readBounded(resp *http.Response) ([]byte, error) {
	var body bytes.Buffer
	if resp.ContentLength > 0 {
		body.Grow(int(min(resp.ContentLength, MaxBody)) + bytes.MinRead)
	}
	_, err := body.ReadFrom(io.LimitReader(resp.Body, MaxBody+1))
	return body.Bytes(), err
}

func (c *Client) request(ctx context.Context, r Request) (*http.Request, error) {
	var body io.Reader
	if r.Body != nil {
		body = bytes.NewReader(r.Body)
	}
	target := *c.url
	target.Path, target.RawPath, target.RawQuery = r.Path, r.RawPath, r.Query.Encode()
	req, err := http.NewRequestWithContext(ctx, r.Method, target.String(), body)
	if err != nil {
		return nil, c.server.invalid("address %q cannot be requested", c.url.Host)
	}
	if r.Header != nil {
		req.Header = r.Header
	}
	req.Header.Set("User-Agent", "secretsync")
	return req, nil
}

// JSON encodes what is sent. Errors: InvalidSpec.
func (c *Client) JSON(body any) ([]byte, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, fault.New(fault.InvalidSpec, ReasonInvalidBackend, "a credential cannot be sent as JSON")
	}
	return text, nil
}

func (s Server) invalid(format string, args ...any) *fault.Error {
	return fault.New(fault.InvalidSpec, ReasonInvalidBackend, s.Field+"."+format, args...)
}
