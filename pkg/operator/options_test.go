// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"errors"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
)

// environment is a lookup of what a test sets.
func environment(pairs ...string) func(string) (string, bool) {
	values := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		values[pairs[i]] = pairs[i+1]
	}
	return func(name string) (string, bool) {
		value, ok := values[name]
		return value, ok
	}
}

func defaults() Options {
	return Options{
		Namespace: "secretsync", LeaderElect: true, LeaseDuration: 15 * time.Second, RenewDeadline: 10 * time.Second,
		RetryPeriod: 2 * time.Second, Workers: 64, StatusWorkers: 32, MetricsAddress: ":8443", MetricsAuth: "Kubernetes", MetricsPerObject: true, HealthAddress: ":8081",
		LogLevel: "info", ShutdownTimeout: 20 * time.Second, ServiceAccounts: []string{"secretsync-auth"},
	}
}

// settings gives each flag a value that is not its default, and what the options are then.
func settings() map[string]struct {
	value string
	want  func(*Options)
} {
	return map[string]struct {
		value string
		want  func(*Options)
	}{
		"namespace":             {"other", func(o *Options) { o.Namespace = "other" }},
		"namespaces":            {"a,b", func(o *Options) { o.Namespaces = []string{"a", "b"} }},
		"kubeconfig":            {"/some/file", func(o *Options) { o.Kubeconfig = "/some/file" }},
		"leader-elect":          {"false", func(o *Options) { o.LeaderElect = false }},
		"lease-duration":        {"1m", func(o *Options) { o.LeaseDuration = time.Minute }},
		"renew-deadline":        {"12s", func(o *Options) { o.RenewDeadline = 12 * time.Second }},
		"retry-period":          {"3s", func(o *Options) { o.RetryPeriod = 3 * time.Second }},
		"workers":               {"3", func(o *Options) { o.Workers = 3 }},
		"status-workers":        {"3", func(o *Options) { o.StatusWorkers = 3 }},
		"kube-api-qps":          {"0", func(*Options) {}},
		"kube-api-burst":        {"30", func(o *Options) { o.Burst = 30 }},
		"metrics-address":       {"0", func(o *Options) { o.MetricsAddress = "0" }},
		"metrics-auth":          {"Kubernetes", func(*Options) {}},
		"metrics-client-ca":     {"/some/file", func(o *Options) { o.MetricsClientCA = "/some/file" }},
		"metrics-cert-dir":      {"/some/folder", func(o *Options) { o.MetricsCertDir = "/some/folder" }},
		"metrics-per-object":    {"false", func(o *Options) { o.MetricsPerObject = false }},
		"health-address":        {"[::1]:9", func(o *Options) { o.HealthAddress = "[::1]:9" }},
		"log-level":             {"debug", func(o *Options) { o.LogLevel = "debug" }},
		"shutdown-timeout":      {"1s", func(o *Options) { o.ShutdownTimeout = time.Second }},
		"allow-http-backends":   {"true", func(o *Options) { o.AllowHTTP = true }},
		"allowed-backend-cidrs": {"127.0.0.0/8,::1/128", func(o *Options) { o.AllowedCIDRs = []string{"127.0.0.0/8", "::1/128"} }},
		"auth-service-accounts": {"a,b", func(o *Options) { o.ServiceAccounts = []string{"a", "b"} }},
		"trust-rollback-by":     {"true", func(o *Options) { o.TrustRollbackBy = true }},
		"restarts":              {"true", func(o *Options) { o.Restarts = true }},
		"cluster-secret-syncs":  {"true", func(o *Options) { o.ClusterSecretSyncs = true }},
		"memory-limit-mib":      {"64", func(o *Options) { o.MemoryLimit = 64 }},
	}
}

func wantOptions(t *testing.T, args []string, lookup func(string) (string, bool), want Options) {
	t.Helper()
	got, err := ParseOptions(args, lookup)
	if err != nil {
		t.Fatalf("ParseOptions: %v", err)
	}
	if len(got.AllowedCIDRs) == 0 {
		got.AllowedCIDRs = nil
	}
	if len(got.Namespaces) == 0 {
		got.Namespaces = nil
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDefaults(t *testing.T) { wantOptions(t, nil, environment(), defaults()) }

// TestEveryFlagHasATwin holds for each flag that there is: the variable sets it, the flag
// sets it, and the flag wins.
func TestEveryFlagHasATwin(t *testing.T) {
	all := settings()
	var o Options
	o.flags().VisitAll(func(f *pflag.Flag) {
		setting, listed := all[f.Name]
		if !listed {
			t.Errorf("flag --%s is not in the table", f.Name)
			return
		}
		delete(all, f.Name)
		want := defaults()
		setting.want(&want)
		t.Run(f.Name, func(t *testing.T) {
			env, flag := EnvName(f.Name), "--"+f.Name+"="+setting.value
			t.Run("Environment", func(t *testing.T) { wantOptions(t, nil, environment(env, setting.value), want) })
			t.Run("Flag", func(t *testing.T) { wantOptions(t, []string{flag}, environment(), want) })
			t.Run("FlagWins", func(t *testing.T) {
				wantOptions(t, []string{flag}, environment(env, f.DefValue), want)
				wantOptions(t, []string{flag}, environment(env, "no value of any kind"), want)
			})
		})
	})
	for name := range all {
		t.Errorf("the table has --%s, and there is no such flag", name)
	}
}

// TestTwinsAreNoServiceLinks: Kubernetes gives each Pod variables named after the Services
// of its namespace, and one of those may well be called secretsync.
func TestTwinsAreNoServiceLinks(t *testing.T) {
	link := regexp.MustCompile(`_(SERVICE_(HOST|PORT(_.*)?)|PORT(_.*)?)$`)
	var o Options
	o.flags().VisitAll(func(f *pflag.Flag) {
		name := EnvName(f.Name)
		if link.MatchString(name) || !regexp.MustCompile(`^SECRETSYNC_[A-Z_]+$`).MatchString(name) {
			t.Errorf("%s is the name of a service link, or of no variable", name)
		}
	})
}

func TestRefusedOptions(t *testing.T) {
	cases := map[string]struct {
		reason string
		args   []string
		env    []string
		names  []string
	}{
		"Namespace":          {args: []string{"--namespace=Not_One"}, names: []string{"--namespace", "Not_One"}},
		"NoNamespace":        {args: []string{"--namespace="}, names: []string{"--namespace"}},
		"Namespaces":         {args: []string{"--namespaces=a,B_"}, names: []string{"--namespaces", "B_"}},
		"NamespaceTwice":     {args: []string{"--namespaces=a,b,a"}, names: []string{"--namespaces", "a"}},
		"LogLevel":           {args: []string{"--log-level=loud"}, names: []string{"--log-level", "loud", "debug, info, warn, error"}},
		"Workers":            {args: []string{"--workers=0"}, names: []string{"--workers", "between 1 and 256"}},
		"ManyWorkers":        {args: []string{"--workers=257"}, names: []string{"--workers"}},
		"StatusWorkers":      {args: []string{"--status-workers=0"}, names: []string{"--status-workers"}},
		"ManyStatusWorkers":  {args: []string{"--status-workers=65"}, names: []string{"--status-workers"}},
		"QPS":                {args: []string{"--kube-api-qps=-1"}, names: []string{"--kube-api-qps"}},
		"Burst":              {args: []string{"--kube-api-qps=9", "--kube-api-burst=8"}, names: []string{"--kube-api-burst", "--kube-api-qps"}},
		"RetryPeriod":        {args: []string{"--retry-period=0s"}, names: []string{"--retry-period"}},
		"RenewDeadline":      {args: []string{"--renew-deadline=15s"}, names: []string{"--renew-deadline", "--lease-duration"}},
		"RetryWithoutJitter": {reason: "the manager would refuse it without naming a flag", args: []string{"--retry-period=9s"}, names: []string{"--retry-period", "1.2"}},
		"ShortLease": {
			reason: "a Lease counts whole seconds",
			args:   []string{"--lease-duration=900ms", "--renew-deadline=500ms", "--retry-period=100ms"}, names: []string{"--lease-duration", "1s"},
		},
		"ShutdownTimeout": {args: []string{"--shutdown-timeout=0s"}, names: []string{"--shutdown-timeout"}},
		"MemoryLimit":     {args: []string{"--memory-limit-mib=-1"}, names: []string{"--memory-limit-mib"}},
		"MetricsAddress":  {args: []string{"--metrics-address=8443"}, names: []string{"--metrics-address", "8443"}},
		"MetricsAuth":     {args: []string{"--metrics-auth=Anybody"}, names: []string{"--metrics-auth", "Anybody", "ClientCertificate"}},
		"MetricsForAll":   {args: []string{"--metrics-auth=None"}, names: []string{"--metrics-auth", "127.0.0.1"}},
		"MetricsClientCA": {args: []string{"--metrics-auth=ClientCertificate"}, names: []string{"--metrics-client-ca"}},
		"HealthAddress":   {args: []string{"--health-address="}, names: []string{"--health-address"}},
		"NoAccount":       {args: []string{"--auth-service-accounts="}, names: []string{"--auth-service-accounts"}},
		"Account":         {args: []string{"--auth-service-accounts=a,B_"}, names: []string{"--auth-service-accounts", "B_"}},
		"CIDR":            {args: []string{"--allowed-backend-cidrs=127.0.0.1"}, names: []string{"--allowed-backend-cidrs", "10.0.0.0/8"}},
		"Environment":     {env: []string{"SECRETSYNC_WORKERS", "many"}, names: []string{"SECRETSYNC_WORKERS"}},
		"Argument":        {reason: "a forgotten -- is no reason to run with defaults", args: []string{"workers=3"}, names: []string{"workers=3", "--help"}},
		"UnknownFlag":     {args: []string{"--worker=3"}, names: []string{"--worker"}},
		"AllAtOnce": {
			args: []string{"--namespace=", "--workers=0"}, env: []string{"SECRETSYNC_LOG_LEVEL", "loud"},
			names: []string{"--namespace", "--workers", "--log-level"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			silenceStderr(t)
			got, err := ParseOptions(tc.args, environment(tc.env...))
			if err == nil {
				t.Fatalf("accepted: %s", tc.reason)
			}
			for _, name := range tc.names {
				if !strings.Contains(err.Error(), name) {
					t.Errorf("%q does not name %s", err, name)
				}
			}
			if diff := cmp.Diff(Options{}, got); diff != "" {
				t.Errorf("refused options are handed out:\n%s", diff)
			}
		})
	}
}

// silenceStderr keeps what the flag package prints out of the tests' output.
func silenceStderr(t *testing.T) {
	t.Helper()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	before := os.Stderr
	os.Stderr = null
	t.Cleanup(func() {
		os.Stderr = before
		_ = null.Close()
	})
}

// TestHelp: each flag is explained beside its variable.
func TestHelp(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	before := os.Stderr
	os.Stderr = write
	_, parseErr := ParseOptions([]string{"--help"}, environment())
	os.Stderr = before
	_ = write.Close()
	text, err := io.ReadAll(read)
	if err != nil || !errors.Is(parseErr, pflag.ErrHelp) {
		t.Fatalf("ParseOptions = %v, reading what it printed: %v", parseErr, err)
	}
	var o Options
	o.flags().VisitAll(func(f *pflag.Flag) {
		if !strings.Contains(string(text), "--"+f.Name) || !strings.Contains(string(text), "["+EnvName(f.Name)+"]") || f.Usage == "" {
			t.Errorf("the help does not explain --%s and its variable", f.Name)
		}
	})
}

func TestCIDRs(t *testing.T) {
	o := Options{AllowedCIDRs: []string{"127.0.0.0/8", "::1/128"}}
	ranges, err := o.cidrs()
	if err != nil || len(ranges) != 2 || ranges[0].String() != "127.0.0.0/8" || ranges[1].String() != "::1/128" {
		t.Errorf("cidrs = %v, %v", ranges, err)
	}
}

// TestMetricsAuth accepts what guards the metrics, and nobody where only this machine asks.
func TestMetricsAuth(t *testing.T) {
	for name, args := range map[string][]string{
		"Certificate": {"--metrics-auth=ClientCertificate", "--metrics-client-ca=/some/file"},
		"Loopback":    {"--metrics-auth=None", "--metrics-address=127.0.0.1:8443"},
		"Loopback6":   {"--metrics-auth=None", "--metrics-address=[::1]:8443"},
		"Off":         {"--metrics-auth=None", "--metrics-address=0"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := ParseOptions(args, environment()); err != nil {
				t.Errorf("%v is refused: %v", args, err)
			}
		})
	}
}
