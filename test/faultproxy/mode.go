// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package faultproxy

import (
	"bytes"
	"crypto/tls"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"
)

// Mode treats one request. It may ask the real server, or answer by itself.
type Mode func(w http.ResponseWriter, r *http.Request, server Server)

// Server is the server behind the proxy.
type Server struct {
	handler http.Handler
	changed <-chan struct{}
}

// Forward passes a request on and its answer back.
func (s Server) Forward(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Answer returns the real server's answer without passing it on.
func (s Server) Answer(r *http.Request) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	s.handler.ServeHTTP(recorder, r)
	return recorder
}

// Send answers with what Answer returned.
func (s Server) Send(w http.ResponseWriter, answer *httptest.ResponseRecorder) {
	begin(w, answer)
	_, _ = w.Write(answer.Body.Bytes())
}

// Changed ends when the client gives up or the proxy's mode changes.
func (s Server) Changed() <-chan struct{} { return s.changed }

// Pass forwards requests.
func Pass() Mode {
	return func(w http.ResponseWriter, r *http.Request, server Server) { server.Forward(w, r) }
}

// Hang answers nothing until the client gives up or the mode changes.
func Hang() Mode {
	return func(_ http.ResponseWriter, _ *http.Request, server Server) {
		<-server.Changed()
		panic(http.ErrAbortHandler)
	}
}

// Slow forwards requests after a delay, or at once when the mode changes.
func Slow(delay time.Duration) Mode {
	return func(w http.ResponseWriter, r *http.Request, server Server) {
		timer := time.NewTimer(delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-server.Changed():
		}
		server.Forward(w, r)
	}
}

// Drip sends the real answer's headers, then its body byte by byte, so that the answer is
// never complete in time.
func Drip(every time.Duration) Mode {
	return func(w http.ResponseWriter, r *http.Request, server Server) {
		answer := server.Answer(r)
		begin(w, answer)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for _, b := range answer.Body.Bytes() {
			_, _ = w.Write([]byte{b})
			_ = http.NewResponseController(w).Flush()
			select {
			case <-tick.C:
			case <-server.Changed():
				panic(http.ErrAbortHandler)
			}
		}
	}
}

// Status answers with that status and body. Headers are pairs of name and value.
func Status(status int, body string, headers ...string) Mode {
	return func(w http.ResponseWriter, _ *http.Request, _ Server) {
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// Throttle answers 429. An empty retryAfter sends no Retry-After.
func Throttle(retryAfter string) Mode {
	const body = `{"errors":["request path: rate limit quota exceeded"]}`
	if retryAfter == "" {
		return Status(http.StatusTooManyRequests, body)
	}
	return Status(http.StatusTooManyRequests, body, "Retry-After", retryAfter)
}

// HTML answers 200 with a page, as a login portal or a load balancer does.
func HTML(page string) Mode {
	return Status(http.StatusOK, "<!doctype html><html><body>"+page+"</body></html>", "Content-Type", "text/html")
}

// Redirect answers 307 to that address, path and query added.
func Redirect(address string) Mode {
	return func(w http.ResponseWriter, r *http.Request, _ Server) {
		http.Redirect(w, r, address+r.URL.RequestURI(), http.StatusTemporaryRedirect)
	}
}

// Reset breaks the connection with a TCP reset instead of answering.
func Reset() Mode {
	return func(w http.ResponseWriter, _ *http.Request, _ Server) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		if secure, ok := conn.(*tls.Conn); ok {
			conn = secure.NetConn()
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // Closing then resets.
		}
		_ = conn.Close()
	}
}

// Truncate announces the whole of the real answer, sends half and breaks the connection.
func Truncate() Mode {
	return func(w http.ResponseWriter, r *http.Request, server Server) {
		answer := server.Answer(r)
		begin(w, answer)
		_, _ = w.Write(answer.Body.Bytes()[:answer.Body.Len()/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// Cut sends half of the real answer as if it were all of it.
func Cut() Mode {
	return Rewrite(func(body []byte) []byte { return body[:len(body)/2] })
}

// Oversize sends the real answer with that many bytes of white space before it, which is
// still valid JSON.
func Oversize(size int) Mode {
	return Rewrite(func(body []byte) []byte { return append(bytes.Repeat([]byte(" "), size), body...) })
}

// Replace sends the real answer with one text in place of another.
func Replace(old, by string) Mode {
	return Rewrite(func(body []byte) []byte { return []byte(strings.ReplaceAll(string(body), old, by)) })
}

// Rewrite sends the real answer with another body.
func Rewrite(change func([]byte) []byte) Mode {
	return func(w http.ResponseWriter, r *http.Request, server Server) {
		answer := server.Answer(r)
		body := change(answer.Body.Bytes())
		maps.Copy(w.Header(), answer.Header())
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(answer.Code)
		_, _ = w.Write(body)
	}
}

// Times treats the first n requests in one mode and the others in the next.
func Times(n int, first, then Mode) Mode {
	turns := make(chan struct{}, n)
	for range n {
		turns <- struct{}{}
	}
	return func(w http.ResponseWriter, r *http.Request, server Server) {
		select {
		case <-turns:
			first(w, r, server)
		default:
			then(w, r, server)
		}
	}
}

// begin sends the real answer's headers, its length among them.
func begin(w http.ResponseWriter, answer *httptest.ResponseRecorder) {
	maps.Copy(w.Header(), answer.Header())
	w.Header().Set("Content-Length", strconv.Itoa(answer.Body.Len()))
	w.WriteHeader(answer.Code)
}
