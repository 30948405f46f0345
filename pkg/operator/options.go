// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/client-go/tools/leaderelection"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// Options are the operator's settings. Each is a flag and an environment variable.
type Options struct {
	// Namespace the operator runs in: its lease, its keys, credentials of cluster backends.
	Namespace string
	// Namespaces that are served; none is the whole cluster. With a list there are no
	// ClusterSecretBackends.
	Namespaces []string
	// Kubeconfig is the path of a kubeconfig; empty is in-cluster, else the default one.
	Kubeconfig string
	// LeaderElect makes one of several replicas work and the others wait.
	LeaderElect bool
	// LeaseDuration, RenewDeadline and RetryPeriod of the leader election.
	LeaseDuration, RenewDeadline, RetryPeriod time.Duration
	// Workers reconcile SecretSyncs; StatusWorkers write their statuses.
	Workers, StatusWorkers int
	// QPS and Burst bound requests to the API server; 0 leaves it to the server's fairness.
	QPS, Burst int
	// MetricsAddress and HealthAddress to listen on; "0" switches either off.
	MetricsAddress, HealthAddress string
	// MetricsAuth says who may read the metrics: Kubernetes, ClientCertificate or None.
	MetricsAuth string
	// MetricsCertDir has tls.crt and tls.key of the metrics endpoint; empty makes a certificate.
	MetricsCertDir string
	// MetricsClientCA is the file with the authority of client certificates.
	MetricsClientCA string
	// MetricsPerObject gives each SecretSync series of its own.
	MetricsPerObject bool
	// LogLevel is debug, info, warn or error.
	LogLevel string
	// ShutdownTimeout bounds the end of what is under way.
	ShutdownTimeout time.Duration
	// AllowHTTP permits backends without TLS.
	AllowHTTP bool
	// AllowedCIDRs are link-local, loopback or metadata ranges in which backends may be.
	AllowedCIDRs []string
	// ServiceAccounts are the names whose tokens may be asked for.
	ServiceAccounts []string
	// TrustRollbackBy believes the annotation secretsync.io/rollback-by.
	TrustRollbackBy bool
	// Restarts has workloads restarted where spec.restart asks for it.
	Restarts bool
	// ClusterSecretSyncs has SecretSyncs created in many namespaces.
	ClusterSecretSyncs bool
	// MemoryLimit is the soft limit of the Go heap in MiB; 0 sets none.
	MemoryLimit int
}

// envPrefix is what the environment variable of a flag starts with: --log-level is
// SECRETSYNC_LOG_LEVEL. A flag wins over its variable.
const envPrefix = "SECRETSYNC_"

// ParseOptions reads flags and environment. lookup is os.LookupEnv. It returns
// pflag.ErrHelp if help was asked for.
func ParseOptions(args []string, lookup func(string) (string, bool)) (Options, error) {
	var o Options
	flags := o.flags()
	flags.VisitAll(func(f *pflag.Flag) { f.Usage += " [" + EnvName(f.Name) + "]" })
	if err := flags.Parse(args); err != nil {
		return Options{}, fmt.Errorf("parsing the flags: %w", err)
	}
	problems := applyEnvironment(flags, lookup)
	if extra := flags.Args(); len(extra) > 0 {
		problems = append(problems, fmt.Errorf("%q is no flag; see --help", extra[0]))
	}
	if err := errors.Join(append(problems, o.Validate())...); err != nil {
		return Options{}, err
	}
	return o, nil
}

// applyEnvironment sets what no flag has set. It comes after the flags, because to set a
// list twice is to add to it.
func applyEnvironment(flags *pflag.FlagSet, lookup func(string) (string, bool)) []error {
	var problems []error
	flags.VisitAll(func(f *pflag.Flag) {
		name := EnvName(f.Name)
		value, ok := lookup(name)
		if !ok || f.Changed {
			return
		}
		if err := f.Value.Set(value); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", name, err))
		}
	})
	return problems
}

// EnvName returns the environment variable that is the twin of a flag.
func EnvName(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

func (o *Options) flags() *pflag.FlagSet {
	f := pflag.NewFlagSet("secretsync", pflag.ContinueOnError)
	f.SortFlags = false
	f.StringVar(&o.Namespace, "namespace", "secretsync", "namespace the operator runs in: its lease, its keys, credentials of cluster backends")
	f.StringSliceVar(&o.Namespaces, "namespaces", nil, "namespaces to serve, with Roles in these alone and without ClusterSecretBackends; none is the whole cluster")
	f.StringVar(&o.Kubeconfig, "kubeconfig", "", "kubeconfig to use instead of the Pod's ServiceAccount")
	f.BoolVar(&o.LeaderElect, "leader-elect", true, "let one of several replicas work and the others wait")
	f.DurationVar(&o.LeaseDuration, "lease-duration", 15*time.Second, "how long a lease holds that is not renewed")
	f.DurationVar(&o.RenewDeadline, "renew-deadline", 10*time.Second, "how long the leader tries to renew before it stops")
	f.DurationVar(&o.RetryPeriod, "retry-period", 2*time.Second, "pause between tries to get or renew the lease")
	f.IntVar(&o.Workers, "workers", 64, "SecretSyncs that are worked on at once")
	f.IntVar(&o.StatusWorkers, "status-workers", 32, "statuses that are written at once")
	f.IntVar(&o.QPS, "kube-api-qps", 0, "requests per second to the API server; 0 leaves it to the server's own fairness")
	f.IntVar(&o.Burst, "kube-api-burst", 0, "requests at once to the API server, if --kube-api-qps is set")
	f.StringVar(&o.MetricsAddress, "metrics-address", ":8443", "address of the metrics endpoint; 0 switches it off")
	f.StringVar(&o.MetricsAuth, "metrics-auth", metricsForKubernetes, "who may read the metrics: Kubernetes (whoever may get /metrics), ClientCertificate (of --metrics-client-ca), or None (on a loopback address only)")
	f.StringVar(&o.MetricsCertDir, "metrics-cert-dir", "", "folder with tls.crt and tls.key of the metrics endpoint; empty makes a certificate that nobody signed")
	f.StringVar(&o.MetricsClientCA, "metrics-client-ca", "", "file with the authority of client certificates, for --metrics-auth ClientCertificate")
	f.BoolVar(&o.MetricsPerObject, "metrics-per-object", true, "give each SecretSync metrics of its own")
	f.StringVar(&o.HealthAddress, "health-address", ":8081", "address of /healthz and /readyz; 0 switches it off")
	f.StringVar(&o.LogLevel, "log-level", "info", "debug, info, warn or error")
	f.DurationVar(&o.ShutdownTimeout, "shutdown-timeout", 20*time.Second, "how long what is under way may take to end")
	f.BoolVar(&o.AllowHTTP, "allow-http-backends", false, "permit backends without TLS; for tests only")
	f.StringSliceVar(&o.AllowedCIDRs, "allowed-backend-cidrs", nil, "link-local, loopback or metadata ranges in which backends may be, such as 127.0.0.0/8")
	f.StringSliceVar(&o.ServiceAccounts, "auth-service-accounts", []string{v1alpha1.DefaultServiceAccount}, "names of the ServiceAccounts whose tokens may be asked for")
	f.BoolVar(&o.TrustRollbackBy, "trust-rollback-by", false, "believe the annotation "+v1alpha1.AnnotationRollbackBy+": an admission policy lets nobody write it but the API server")
	f.BoolVar(&o.Restarts, "restarts", false, "restart workloads where spec.restart asks for it; needs the right to list and patch them")
	f.BoolVar(&o.ClusterSecretSyncs, "cluster-secret-syncs", false, "work for ClusterSecretSyncs: create, change and delete SecretSyncs in the namespaces that they select")
	f.IntVar(&o.MemoryLimit, "memory-limit-mib", 0, "soft limit of the Go heap in MiB; 0 sets none")
	return f
}

// logLevels are what --log-level takes.
func logLevels() []string { return []string{"debug", "info", "warn", "error"} }

// Validate returns everything that is wrong, naming each setting and what is valid.
func (o *Options) Validate() error {
	var problems []error
	must := func(ok bool, format string, args ...any) {
		if !ok {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	must(len(validation.IsDNS1123Label(o.Namespace)) == 0, "--namespace: %q is not the name of a namespace", o.Namespace)
	for i, name := range o.Namespaces {
		must(len(validation.IsDNS1123Label(name)) == 0, "--namespaces: %q is not the name of a namespace", name)
		must(!slices.Contains(o.Namespaces[:i], name), "--namespaces: %q is named twice", name)
	}
	must(!o.ClusterSecretSyncs || !o.scoped(), "--cluster-secret-syncs: there are none with --namespaces")
	must(slices.Contains(logLevels(), o.LogLevel), "--log-level: %q is none of %s", o.LogLevel, strings.Join(logLevels(), ", "))
	must(o.Workers >= 1 && o.Workers <= 256, "--workers: %d is not between 1 and 256", o.Workers)
	must(o.StatusWorkers >= 1 && o.StatusWorkers <= 64, "--status-workers: %d is not between 1 and 64", o.StatusWorkers)
	must(o.QPS >= 0, "--kube-api-qps: %d is negative", o.QPS)
	must(o.QPS == 0 || o.Burst >= o.QPS, "--kube-api-burst: %d is less than --kube-api-qps (%d)", o.Burst, o.QPS)
	must(o.leasePossible(),
		"--lease-duration (%s) must be 1s or more and longer than --renew-deadline (%s), and that longer than %g times --retry-period (%s)",
		o.LeaseDuration, o.RenewDeadline, leaderelection.JitterFactor, o.RetryPeriod)
	must(isAddress(o.MetricsAddress), "--metrics-address: %q is neither 0 nor an address such as :8443", o.MetricsAddress)
	problems = append(problems, o.checkMetricsAuth())
	must(isAddress(o.HealthAddress), "--health-address: %q is neither 0 nor an address such as :8081", o.HealthAddress)
	must(o.ShutdownTimeout > 0, "--shutdown-timeout: %s is not positive", o.ShutdownTimeout)
	must(o.MemoryLimit >= 0, "--memory-limit-mib: %d is negative", o.MemoryLimit)
	must(len(o.ServiceAccounts) > 0, "--auth-service-accounts: name at least one")
	for _, name := range o.ServiceAccounts {
		must(len(validation.IsDNS1123Subdomain(name)) == 0, "--auth-service-accounts: %q is not the name of a ServiceAccount", name)
	}
	if _, err := o.cidrs(); err != nil {
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

// scoped reports whether only some namespaces are served.
func (o *Options) scoped() bool { return len(o.Namespaces) > 0 }

// leasePossible reports what leader election demands: a Lease counts whole seconds, and a
// retry may come later by the jitter.
func (o *Options) leasePossible() bool {
	return o.RetryPeriod > 0 && o.RenewDeadline > time.Duration(leaderelection.JitterFactor*float64(o.RetryPeriod)) &&
		o.LeaseDuration > o.RenewDeadline && o.LeaseDuration >= time.Second
}

// checkMetricsAuth returns what is wrong with who may read the metrics.
func (o *Options) checkMetricsAuth() error {
	host, _, _ := net.SplitHostPort(o.MetricsAddress)
	ip := net.ParseIP(host)
	switch {
	case o.MetricsAuth == metricsForKubernetes, o.MetricsAddress == "0":
		return nil
	case o.MetricsAuth == metricsForCertificate && o.MetricsClientCA == "":
		return errors.New("--metrics-client-ca: ClientCertificate needs it")
	case o.MetricsAuth == metricsForCertificate:
		return nil
	case o.MetricsAuth != metricsForAll:
		return fmt.Errorf("--metrics-auth: %q is none of %s, %s, %s", o.MetricsAuth, metricsForKubernetes, metricsForCertificate, metricsForAll)
	case ip == nil || !ip.IsLoopback():
		return fmt.Errorf("--metrics-auth: None is for an address such as 127.0.0.1:8443, not for %q", o.MetricsAddress)
	}
	return nil
}

func isAddress(text string) bool {
	_, _, err := net.SplitHostPort(text)
	return text == "0" || err == nil
}

func (o *Options) cidrs() ([]*net.IPNet, error) {
	var ranges []*net.IPNet
	for _, text := range o.AllowedCIDRs {
		_, r, err := net.ParseCIDR(text)
		if err != nil {
			return nil, fmt.Errorf("--allowed-backend-cidrs: %q is not a range such as 10.0.0.0/8", text)
		}
		ranges = append(ranges, r)
	}
	return ranges, nil
}
