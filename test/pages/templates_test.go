// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/sensitive"
	"github.com/secretsync/secretsync/pkg/template"
)

// TestEveryFunctionIsInTheReference: the tables tell of each function, and of no other.
func TestEveryFunctionIsInTheReference(t *testing.T) {
	page, err := os.ReadFile(root + "/docs/reference/templates.md")
	if err != nil {
		t.Fatal(err)
	}
	_, tables, _ := strings.Cut(string(page), "\n## Functions\n")
	row, name := regexp.MustCompile("(?m)^\\| (`[^|]*) \\|"), regexp.MustCompile("`([A-Za-z0-9]+) ")
	var told []string
	for _, cells := range row.FindAllStringSubmatch(tables, -1) {
		for _, found := range name.FindAllStringSubmatch(cells[1], -1) {
			told = append(told, found[1])
		}
	}
	slices.Sort(told)
	if diff := cmp.Diff(template.Functions(), told); diff != "" {
		t.Errorf("functions there are, and functions that are told of:\n%s", diff)
	}
}

// TestTemplatesOfTheGuide renders each example from what its entries would have.
func TestTemplatesOfTheGuide(t *testing.T) {
	page := slices.IndexFunc(all(t), func(p Page) bool { return p.Name == "docs/guides/templates.md" })
	certificate, key := selfSigned(t)
	fields := map[string]string{
		"user": "app", "password": `p@ss "w"`, "host": "db.payments", "certificate": strings.TrimSpace(certificate), "chain": strings.TrimSpace(certificate), "key": strings.TrimSpace(key), // As people paste them.
	}
	wants := map[string]map[string]string{
		"dsn":        {"DSN": "postgres://app:p%40ss%20%22w%22@db.payments:5432/app"},
		"pull":       {".dockerconfigjson": `{"auths":{"registry.example":{"auth":"YXBwOnBAc3MgInci","password":"p@ss \"w\"","username":"app"}}}`},
		"web-tls":    {"tls.crt": certificate, "tls.key": key},
		"deploy-key": {"ssh-privatekey": key},
		"keystore":   {"application.properties": "server.ssl.key-store=/etc/tls/keystore.p12\nserver.ssl.key-store-password=p@ss \"w\"\n"},
		"settings":   {"settings.json": "{\n  \"database\": {\n    \"password\": \"p@ss \\\"w\\\"\",\n    \"port\": 5432,\n    \"user\": \"app\"\n  }\n}\n"},
		"dotenv":     {".env": "DB_PASSWORD='p@ss \"w\"'\nDB_USER='app'\n"},
		"prefixed":   {"DB_HOST": "db.payments", "DB_PASSWORD": `p@ss "w"`},
		"app-config": {"app.conf": "[database]\nuser = app\npassword = \"p@ss \\\"w\\\"\"\n"},
		"basic-auth": {},
	}
	maps := map[string]map[string]string{}
	played := 0
	for _, block := range all(t)[page].Blocks() {
		if block.Language != "yaml" {
			continue
		}
		if strings.Contains(block.Text, "kind: ConfigMap") {
			var object corev1.ConfigMap
			parse(t, block.Text, &object)
			maps[object.Name] = object.Data
			continue
		}
		var sync v1alpha1.SecretSync
		parse(t, block.Text, &sync)
		want, ok := wants[sync.Name]
		if !ok {
			t.Errorf("%s: nothing is known of example %s", block.Where(), sync.Name)
		}
		played++
		got := made(t, &sync, fields, maps)
		for key, text := range want {
			if diff := cmp.Diff(text, string(got.Data[key].Reveal())); diff != "" {
				t.Errorf("%s: key %s of example %s (-want +got):\n%s", block.Where(), key, sync.Name, diff)
			}
		}
	}
	if played != len(wants) {
		t.Errorf("want %d examples, got %d", len(wants), played)
	}
}

func parse(t *testing.T, text string, into any) {
	t.Helper()
	if err := yaml.UnmarshalStrict([]byte(text), into); err != nil {
		t.Fatal(err)
	}
}

// made returns what an example makes of entries that have these fields each.
func made(t *testing.T, sync *v1alpha1.SecretSync, fields map[string]string, maps map[string]map[string]string) render.Content {
	t.Helper()
	var texts []template.Text
	for key, text := range sync.Spec.Template.Data {
		texts = append(texts, template.Text{Place: key, Key: key, Text: string(text)})
	}
	if text := sync.Spec.Template.Object; text != "" {
		texts = append(texts, template.Text{Place: "object", Text: string(text)})
	}
	for _, from := range sync.Spec.Template.ConfigMaps {
		for _, item := range from.Keys {
			texts = append(texts, template.Text{Place: item.Key, Key: item.SecretKey, Text: maps[from.Name][item.Key]})
		}
	}
	set, err := template.Parse(texts)
	if err != nil {
		t.Fatalf("example %s: %v", sync.Name, err)
	}
	plan, err := render.NewPlan(&sync.Spec, nil)
	if err != nil {
		t.Fatal(err)
	}
	var sources []render.Source
	for _, want := range plan.Wants() {
		sources = append(sources, render.Source{Path: want.Path, Fields: entry(t, fields)})
	}
	values, err := plan.Collect(sources)
	if err != nil {
		t.Fatal(err)
	}
	rendered, err := set.Render(template.Names{Namespace: "payments", Name: sync.Name, Target: sync.Name}, values)
	if err != nil {
		t.Fatalf("example %s: %v", sync.Name, err)
	}
	content, err := plan.CheckTemplated(values, rendered)
	if err != nil {
		t.Fatalf("example %s: %v", sync.Name, err)
	}
	return content
}

func entry(t *testing.T, fields map[string]string) map[string]sensitive.Value {
	t.Helper()
	values := map[string]sensitive.Value{}
	for name, text := range fields {
		quoted, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		values[name] = sensitive.New(quoted)
	}
	return values
}

// selfSigned returns a certificate and its key in PEM.
func selfSigned(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), nil)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "web"}, NotAfter: time.Unix(4e9, 0)}
	der, err := x509.CreateCertificate(nil, about, about, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}))
}
