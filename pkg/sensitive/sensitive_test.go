// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package sensitive_test

import (
	"bytes"
	"encoding/base64"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"text/template"

	"github.com/davecgh/go-spew/spew"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"pgregory.net/rapid"
	"sigs.k8s.io/yaml"

	"github.com/secretsync/secretsync/pkg/sensitive"
)

const marker = "m4rk3r-\xc3\xa9-value"

// Shapes in which a Value travels; those of hidden fields are what fmt looks into without
// calling a method.
type (
	open   struct{ Value sensitive.Value }
	hidden struct{ value sensitive.Value }
	nested struct {
		hidden

		list    []sensitive.Value
		byKey   map[string]sensitive.Value
		pointer *sensitive.Value
		inside  any
	}
	failure struct{ value sensitive.Value }
)

func (f failure) Error() string { return fmt.Sprintf("refusing %v", f.value) }

func shapes() map[string]any {
	v := sensitive.FromString(marker)
	return map[string]any{
		"Value":        v,
		"Pointer":      &v,
		"Slice":        []sensitive.Value{v},
		"Map":          map[string]sensitive.Value{"key": v},
		"Open":         open{v},
		"OpenPointer":  &open{v},
		"Hidden":       hidden{v},
		"HiddenByAddr": &hidden{v},
		"Nested": nested{
			hidden: hidden{v}, list: []sensitive.Value{v}, byKey: map[string]sensitive.Value{"key": v}, pointer: &v, inside: v,
		},
		"Error":  failure{v},
		"Joined": errors.Join(failure{v}, fmt.Errorf("wrapping: %w", failure{v})),
	}
}

// wantNoMarker searches a text for the marker, in the forms that printers give to bytes.
func wantNoMarker(t *testing.T, text string) {
	t.Helper()
	secret := []byte(marker)
	forms := []string{
		marker, fmt.Sprintf("%q", marker), fmt.Sprintf("%+q", marker), hex.EncodeToString(secret),
		strings.ToUpper(hex.EncodeToString(secret)), base64.StdEncoding.EncodeToString(secret),
		strings.Trim(fmt.Sprint(secret), "[]"), strings.Trim(fmt.Sprintf("%x", secret[:6]), "[]"),
		strings.Trim(fmt.Sprintf("%b", secret), "[]"), strings.Trim(fmt.Sprintf("%o", secret), "[]"),
		strings.Trim(fmt.Sprintf("%#v", secret), "[]byte{}"), spewDump(secret),
	}
	for _, form := range forms {
		if strings.Contains(text, strings.Trim(form, `"`)) {
			t.Errorf("the secret shows as %q", text)
			return
		}
	}
}

// spewDump returns the bytes as spew's hex dump lines show them.
func spewDump(secret []byte) string {
	var pairs []string
	for _, b := range secret[:8] {
		pairs = append(pairs, fmt.Sprintf("%02x", b))
	}
	return strings.Join(pairs, " ")
}

// TestWantNoMarker proves that the search finds what a plain []byte would show.
func TestWantNoMarker(t *testing.T) {
	type plain struct{ bytes []byte }
	for name, text := range map[string]string{
		"Text": marker, "Decimal": fmt.Sprintf("%v", plain{[]byte(marker)}),
		"Hex": fmt.Sprintf("%x", []byte(marker)), "Go": fmt.Sprintf("%#v", plain{[]byte(marker)}),
		"Spew": spew.Sdump(plain{[]byte(marker)}), "Quoted": fmt.Sprintf("%q", marker),
	} {
		t.Run(name, func(t *testing.T) {
			found := &testing.T{}
			wantNoMarker(found, text)
			if !found.Failed() {
				t.Errorf("nothing was found in %q", text)
			}
		})
	}
}

func TestValueHidesFromPrinters(t *testing.T) {
	zapLine := func(field zap.Field) string {
		var out bytes.Buffer
		core := zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.AddSync(&out), zap.DebugLevel)
		zap.New(core).Info("message", field)
		return out.String()
	}
	slogLine := func(handler func(*bytes.Buffer) slog.Handler, value any) string {
		var out bytes.Buffer
		slog.New(handler(&out)).Info("message", "value", value)
		return out.String()
	}
	mistakes := []string{"no verb", "%*d"} // in a list, so that vet does not find them
	printers := map[string]func(any) string{
		"Sprint":   func(v any) string { return fmt.Sprint(v) },
		"Errorf":   func(v any) string { return fmt.Errorf("doing: %v", v).Error() },
		"Extra":    func(v any) string { return fmt.Sprintf(mistakes[0], v) },
		"BadWidth": func(v any) string { return fmt.Sprintf(mistakes[1], v, v) },
		"ZapAny":   func(v any) string { return zapLine(zap.Any("value", v)) },
		"ZapReflect": func(v any) string {
			return zapLine(zap.Reflect("value", v))
		},
		"SlogText": func(v any) string {
			return slogLine(func(out *bytes.Buffer) slog.Handler { return slog.NewTextHandler(out, nil) }, v)
		},
		"SlogJSON": func(v any) string {
			return slogLine(func(out *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(out, nil) }, v)
		},
		"JSON": marshalled(json.Marshal),
		"YAML": marshalled(yaml.Marshal),
		"XML":  marshalled(xml.Marshal),
		"Gob": marshalled(func(v any) ([]byte, error) {
			var out bytes.Buffer
			err := gob.NewEncoder(&out).Encode(v)
			return out.Bytes(), err
		}),
		"Template": func(v any) string { return executed(t, v) },
		"Spew":     func(v any) string { return spew.Sdump(v) },
		"SpewRaw": func(v any) string {
			return (&spew.ConfigState{DisableMethods: true, Indent: " "}).Sdump(v)
		},
		"Cmp": func(v any) string {
			return cmp.Diff(v, nil) + cmp.Diff(open{sensitive.FromString("other")}, v) + cmp.Diff([]any{v}, []any{hidden{}}, cmp.AllowUnexported(hidden{}))
		},
	}
	for name, show := range printers {
		for shape, value := range shapes() {
			t.Run(name+"/"+shape, func(t *testing.T) { wantNoMarker(t, show(value)) })
		}
	}
	wantNoMarker(t, zapLine(zap.Stringer("value", sensitive.FromString(marker))))
}

// marshalled makes a printer of an encoder; what it says of a failure is searched as well.
func marshalled(marshal func(any) ([]byte, error)) func(any) string {
	return func(v any) string {
		text, err := marshal(v)
		return fmt.Sprint(string(text), err)
	}
}

func executed(t *testing.T, value any) string {
	t.Helper()
	var out bytes.Buffer
	if err := template.Must(template.New("").Parse(`{{.}} {{printf "%s %x %#v" . . .}}`)).Execute(&out, value); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestValueHidesFromVerbs covers every letter, those that fmt does not know and the two
// (%T, %p) that it handles before it asks the value.
func TestValueHidesFromVerbs(t *testing.T) {
	for shape, value := range shapes() {
		for _, flags := range []string{"", "+", "#", "+#", " ", "-40", "040", ".2"} {
			for verb := 'A'; verb <= 'z'; verb++ {
				wantNoMarker(t, fmt.Sprintf("%"+flags+string(verb), value)) //nolint:govet // each verb, known or not
			}
		}
		if t.Failed() {
			t.Fatalf("shape %s", shape)
		}
	}
}

// TestDiffOfDifferentSecrets covers go-cmp, which looks past String when two values that
// differ show alike.
func TestDiffOfDifferentSecrets(t *testing.T) {
	diff := cmp.Diff(open{sensitive.FromString("a")}, open{sensitive.FromString(marker)})
	if diff == "" {
		t.Error("two different secrets count as equal")
	}
	wantNoMarker(t, diff)
}

func TestPlaceholder(t *testing.T) {
	v := sensitive.FromString(marker)
	text, err := json.Marshal(map[string]any{"value": v, "pointer": &v})
	if want := `{"pointer":"[REDACTED]","value":"[REDACTED]"}`; err != nil || string(text) != want {
		t.Errorf("as JSON: %s, %v; want %s", text, err, want)
	}
	if got := fmt.Sprintf("%s|%v|%d|%#v|%q", v, v, v, v, v); got != strings.Repeat("[REDACTED]|", 4)+"[REDACTED]" {
		t.Errorf("formatted: %s", got)
	}
	if got := fmt.Sprint((*sensitive.Value)(nil)); got != "<nil>" {
		t.Errorf("a nil pointer is formatted as %s", got)
	}
	if got := v.GoString(); got != sensitive.Redacted {
		t.Errorf("GoString = %q", got)
	}
}

// TestNothingIsParsed: a placeholder that was written is never read back as a secret.
func TestNothingIsParsed(t *testing.T) {
	var o open
	if err := json.Unmarshal([]byte(`{"Value":"[REDACTED]"}`), &o); err == nil {
		t.Error("JSON was taken for a secret")
	}
	if o.Value.Len() != 0 {
		t.Errorf("%d bytes came out of JSON", o.Value.Len())
	}
}

func TestZeroValueIsEmpty(t *testing.T) {
	var zero sensitive.Value
	if zero.Len() != 0 || len(zero.Reveal()) != 0 {
		t.Error("the zero value is not empty")
	}
	if !zero.Equal(sensitive.New(nil)) || !zero.Equal(sensitive.FromString("")) || zero.Equal(sensitive.FromString("a")) {
		t.Error("the zero value does not equal the empty secret alone")
	}
}

func TestValueKeepsItsBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SliceOf(rapid.Byte()).Draw(t, "a")
		b := rapid.SliceOf(rapid.Byte()).Draw(t, "b")
		v := sensitive.New(bytes.Clone(a))
		if !bytes.Equal(v.Reveal(), a) || v.Len() != len(a) || !v.Equal(sensitive.FromString(string(a))) {
			t.Fatal("the bytes are not kept")
		}
		if v.Equal(sensitive.New(b)) != bytes.Equal(a, b) {
			t.Fatal("Equal is not equality of the bytes")
		}
	})
}
