// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// files are the functions for the notations of configuration files.
func files() map[string]any {
	return map[string]any{
		"dotenvQuote":      dotenvQuote,
		"toDotenv":         toDotenv,
		"shellQuote":       shellQuote,
		"propertiesEscape": func(s string) (string, error) { return properties(s, false) },
		"toProperties":     toProperties,
		"toIni":            toIni,
		"dockerConfig":     dockerConfig,
	}
}

// shellQuote writes a text so that a POSIX shell reads it as one word with these bytes.
func shellQuote(s string) (string, error) {
	if strings.ContainsRune(s, 0) {
		return "", refusal("a shell knows no text with a zero byte")
	}
	return "'" + strings.ReplaceAll(s, "'", "'\\''") + "'", nil
}

// dotenvQuote writes a text as the value of a .env file: in single quotes, which the shell,
// Docker Compose and the libraries read as it is; with a single quote or a line end in it, in
// double quotes with escapes, which all but the oldest libraries read.
func dotenvQuote(s string) (string, error) {
	if strings.ContainsRune(s, 0) {
		return "", refusal("a .env file cannot hold a zero byte")
	}
	if !strings.ContainsAny(s, "'\n\r") {
		return "'" + s + "'", nil
	}
	return "\"" + strings.NewReplacer("\\", "\\\\", "\"", "\\\"", "$", "\\$", "`", "\\`", "\n", "\\n", "\r", "\\r").Replace(s) + "\"", nil
}

// eachLine writes a line for each member, sorted by key.
func eachLine(m map[string]any, write func(key, text string) (string, error)) (string, error) {
	var lines strings.Builder
	for _, key := range slices.Sorted(maps.Keys(m)) {
		text, err := textOf(m[key])
		if err != nil {
			return "", err
		}
		line, err := write(key, text)
		if err != nil {
			return "", err
		}
		lines.WriteString(line + "\n")
		if lines.Len() > maxResult {
			return "", tooLarge()
		}
	}
	return lines.String(), nil
}

// toDotenv writes a map as a .env file.
func toDotenv(m map[string]any) (string, error) {
	return eachLine(m, func(key, text string) (string, error) {
		if !isVariable(key) {
			return "", refusal("a key of the map cannot be the name of a variable: letters, digits and _, not starting with a digit")
		}
		value, err := dotenvQuote(text)
		return key + "=" + value, err
	})
}

func isVariable(name string) bool {
	for i, c := range []byte(name) {
		digit := c >= '0' && c <= '9'
		if c != '_' && (c|0x20 < 'a' || c|0x20 > 'z') && (!digit || i == 0) {
			return false
		}
	}
	return name != ""
}

// toProperties writes a map as a properties file of Java.
func toProperties(m map[string]any) (string, error) {
	return eachLine(m, func(key, text string) (string, error) {
		name, err := properties(key, true)
		if err != nil {
			return "", err
		}
		value, err := properties(text, false)
		return name + "=" + value, err
	})
}

// properties escapes as java.util.Properties.store does: ASCII only, so that the encoding of
// the file does not matter. Errors: bytes that are no text.
func properties(s string, key bool) (string, error) {
	if !utf8.ValidString(s) {
		return "", noText()
	}
	var text strings.Builder
	for i, r := range s {
		switch short := strings.IndexRune("\n\r\t\f", r); {
		case short >= 0:
			text.WriteString("\\" + "nrtf"[short:short+1])
		case strings.ContainsRune("\\=:#!", r), r == ' ' && (key || i == 0):
			text.WriteString("\\" + string(r))
		case r < ' ' || r > '~':
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&text, "\\u%04X", unit)
			}
		default:
			text.WriteRune(r)
		}
	}
	return text.String(), nil
}

// toIni writes a map as an INI file: members that are maps become sections, after all others.
// The notation has no escapes that all readers know, so what would need one is refused.
func toIni(m map[string]any) (string, error) {
	plain, sections := map[string]any{}, []string{}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if _, ok := m[key].(map[string]any); ok {
			sections = append(sections, key)
		} else {
			plain[key] = m[key]
		}
	}
	text, err := eachLine(plain, iniLine)
	for _, name := range sections {
		if err == nil && len(text) > maxResult {
			err = tooLarge()
		}
		if err == nil && strings.ContainsAny(name, "]\r\n\x00") {
			err = refusal("the name of a section has a character that an INI file cannot hold there")
		}
		if err != nil {
			return "", err
		}
		var lines string
		lines, err = eachLine(m[name].(map[string]any), iniLine) //nolint:forcetypeassert // it is one, see above
		text += "[" + name + "]\n" + lines
	}
	return text, err
}

func iniLine(key, text string) (string, error) {
	if key == "" || strings.TrimSpace(key) != key || strings.ContainsAny(key, "=:;#[]\r\n\x00") {
		return "", refusal("a key of the map has a character that an INI file cannot hold there")
	}
	if strings.TrimSpace(text) != text || strings.ContainsAny(text, ";#\r\n\x00\"") {
		return "", refusal("a text has a line end, a quote, a ; or #, or white space at its ends, for which INI files have no notation that all readers know; b64enc may help")
	}
	return key + " = " + text, nil
}

// dockerConfig writes the configuration of a container runtime for registries, each given as its
// name, a user and a password.
func dockerConfig(arguments ...string) (string, error) {
	if len(arguments) == 0 || len(arguments)%3 != 0 {
		return "", refusal("it takes a registry, a user and a password, once or more often")
	}
	auths := map[string]any{}
	for i := 0; i < len(arguments); i += 3 {
		registry, user, password := arguments[i], arguments[i+1], arguments[i+2]
		if registry == "" || strings.Contains(user, ":") {
			return "", refusal("a registry must have a name, and a user no colon")
		}
		auths[registry] = map[string]any{
			"username": user, "password": password,
			"auth": base64.StdEncoding.EncodeToString([]byte(user + ":" + password)),
		}
	}
	return toJSON(map[string]any{"auths": auths})
}
