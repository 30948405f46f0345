// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package guide

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/secretsync/secretsync/test/binaries"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/e2e/harness"
	"github.com/secretsync/secretsync/test/githubactions"
	"github.com/secretsync/secretsync/test/marker"
)

// reader is a person with an empty folder, which is their repository, and a terminal.
type reader struct {
	*harness.Installed

	dir string
	// env is the environment of the terminal, own what the reader sets in it, and examples what the
	// page has in its place.
	env, own, examples map[string]string
	// keys are those that unseal Vault and are not used yet, root its first token.
	keys []string
	root string
	// marks are the secrets that GitHub has.
	marks   marker.Set
	secrets map[string]string

	issuer *githubactions.Issuer
	runner *githubactions.Runner
}

func newReader(t *testing.T) *reader {
	t.Helper()
	r := &reader{
		Installed: suite.Get(t), dir: t.TempDir(), examples: map[string]string{}, secrets: map[string]string{},
		issuer: githubactions.Start(t, githubactions.Job("prod")),
	}
	away := t.TempDir() // What is not in the repository.
	file := func(name string, text []byte) string {
		harness.Must(t, os.WriteFile(filepath.Join(away, name), text, 0o600))
		return filepath.Join(away, name)
	}
	harness.Must(t, r.Vault.Trust(r.issuer.CA()))
	r.own = map[string]string{
		"REPOSITORY": "corp/shop", "ISSUER": r.issuer.URL(), "VAULT_ADDR": r.Vault.Address(),
		"KUBERNETES_API": r.Cluster.Host(), "KUBERNETES_CA": file("ca.crt", r.Cluster.CA()),
	}
	tools := filepath.Join(away, "tools")
	harness.Must(t, os.Mkdir(tools, 0o700))
	build := exec.CommandContext(t.Context(), "go", "build", "-o", tools, "./cmd/secretsync-bootstrap")
	build.Dir = root
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the helper: %v\n%s", err, output)
	}
	for _, name := range []string{binaries.Vault, binaries.Terraform} {
		path, err := binaries.Path(name)
		harness.Must(t, err)
		harness.Must(t, os.Symlink(path, filepath.Join(tools, name)))
	}
	self, err := os.Executable()
	harness.Must(t, err)
	harness.Must(t, os.Symlink(self, filepath.Join(tools, kubectl)))
	trusted := append(append([]byte{}, r.issuer.CA()...), r.Vault.CA()...)
	r.env = map[string]string{
		"PATH": tools + ":" + os.Getenv("PATH"), "HOME": away, "KUBECONFIG": r.kubeconfig(t, filepath.Join(away, "kubeconfig")),
		"SSL_CERT_FILE": file("trusted.pem", trusted), "TERM": "dumb", "VAULT_CLI_NO_COLOR": "1",
	}
	r.runner = r.newRunner(t, away, filepath.Join(tools, "secretsync-bootstrap"))
	return r
}

// kubeconfig writes one that calls the cluster as the page does.
func (r *reader) kubeconfig(t *testing.T, name string) string {
	t.Helper()
	harness.Must(t, cluster.WriteKubeconfig(name, r.Cluster.Config()))
	config, err := clientcmd.LoadFromFile(name)
	harness.Must(t, err)
	config.Contexts["prod"] = config.Contexts[config.CurrentContext]
	delete(config.Contexts, config.CurrentContext)
	config.CurrentContext = ""
	harness.Must(t, clientcmd.WriteToFile(*config, name))
	return name
}

// newRunner is GitHub's, which has Terraform and a kubeconfig, and gets the helper from a release.
func (r *reader) newRunner(t *testing.T, away, helper string) *githubactions.Runner {
	t.Helper()
	const action = "secretsync/secretsync/.github/actions/bootstrap"
	folder, err := filepath.Abs(filepath.Join(root, ".github/actions/bootstrap"))
	harness.Must(t, err)
	machine := filepath.Join(away, "runner")
	harness.Must(t, os.Mkdir(machine, 0o700))
	githubactions.Release(t, filepath.Join(away, "releases"), "v0.1.0", helper)
	terraform, err := binaries.Path(binaries.Terraform)
	harness.Must(t, err)
	harness.Must(t, os.Symlink(terraform, filepath.Join(machine, "terraform")))
	harness.Must(t, os.WriteFile(filepath.Join(machine, "event.json"), []byte("{}"), 0o600))
	runner := &githubactions.Runner{
		Dir: r.dir, Expressions: map[string]string{}, Actions: map[string]string{action: folder},
		Inputs: map[string]string{"releases": "file://" + filepath.Join(away, "releases")},
		Env: map[string]string{
			"PATH": machine + ":" + os.Getenv("PATH"), "HOME": machine, "RUNNER_TEMP": machine, "KUBECONFIG": r.env["KUBECONFIG"],
			"SSL_CERT_FILE": r.env["SSL_CERT_FILE"], "GITHUB_PATH": filepath.Join(machine, "path"), "GITHUB_EVENT_PATH": filepath.Join(machine, "event.json"),
			"GITHUB_STEP_SUMMARY": filepath.Join(machine, "summary.md"), "GITHUB_OUTPUT": filepath.Join(machine, "outputs"),
			"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "push", "GITHUB_REPOSITORY": "corp/shop", "GITHUB_ACTOR": "octocat",
			"ACTIONS_ID_TOKEN_REQUEST_URL": r.issuer.RequestURL(), "ACTIONS_ID_TOKEN_REQUEST_TOKEN": r.issuer.RequestToken(),
			"TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1",
		},
	}
	maps.Copy(runner.Env, githubactions.Machine())
	return runner
}

// answer is what the reader answers to a command that asks.
func (r *reader) answer(line string) string {
	switch {
	case line == "vault operator unseal" && len(r.keys) > 0:
		key := r.keys[0]
		r.keys = r.keys[1:]
		return key
	case line == "vault login":
		return r.root
	default:
		return ""
	}
}

var (
	unsealKey = regexp.MustCompile(`Unseal Key \d+: (\S+)`)
	rootToken = regexp.MustCompile(`Initial Root Token: (\S+)`)
)

// saw is what the reader keeps of what a command showed.
func (r *reader) saw(t *testing.T, line, shown string) {
	t.Helper()
	switch line {
	case "vault operator init":
		for _, match := range unsealKey.FindAllStringSubmatch(shown, -1) {
			r.keys = append(r.keys, match[1])
		}
		token := rootToken.FindStringSubmatch(shown)
		if len(r.keys) != 5 || token == nil {
			t.Fatalf("Vault gave %d keys", len(r.keys))
		}
		r.root = token[1]
		r.marks.Add("root token", r.root)
	case "vault login":
		// Vault's full build has these methods; the one of the tests gets them as plugins.
		r.Vault.Root().SetToken(r.root)
		harness.Must(t, r.Vault.Furnish(t.Context()))
	}
}

// elsewhere is what the page leaves to a person somewhere else, by how it begins.
func (r *reader) elsewhere() map[string]func(*testing.T) {
	return map[string]func(*testing.T){
		// The job's token names the environment, and who reviews it is GitHub's to ask.
		"On github.com: the environment": func(*testing.T) { r.issuer.Claim(githubactions.Job("prod")) },
		"On github.com: the secrets":     r.addSecrets,
		"On github.com: push": func(t *testing.T) {
			r.run(t, false, `namespace "atlantis" does not exist yet`, "kubectl create namespace atlantis")
		},
		"On github.com: run it again": func(t *testing.T) {
			r.run(t, false, "wrote value atlantis-github", "NEXT:", "not initialized", "vault operator init")
		},
		"On github.com: run it to the end": func(t *testing.T) {
			r.run(t, true, "wrote value stripe", "wrote value db", "NEXT:")
		},
		"In the log of the run: the operator's access": r.giveAccess,
		"On another page: the operator": func(t *testing.T) {
			r.Run(t, harness.RunOptions{Name: "operator", Env: []string{"SSL_CERT_FILE=" + r.env["SSL_CERT_FILE"]}})
		},
	}
}

func (r *reader) addSecrets(*testing.T) {
	for name, text := range map[string]string{
		"HCLOUD_TOKEN": strings.Repeat(r.marks.Token("hcloud"), 4), "ATLANTIS_GITHUB_TOKEN": r.marks.Token("atlantis"), "STRIPE_KEY": r.marks.Token("stripe"),
	} {
		r.secrets[name], r.runner.Expressions["secrets."+name] = text, text
	}
}

// run runs the pipeline as GitHub does after a push, and checks how it ends and what it says.
func (r *reader) run(t *testing.T, green bool, words ...string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(r.dir, ".github/workflows/bootstrap.yaml"))
	harness.Must(t, err)
	var workflow githubactions.Workflow
	harness.Must(t, yaml.Unmarshal(text, &workflow))
	if len(workflow.Jobs) != 2 {
		t.Fatalf("the pipeline has %d jobs, want validate and prod", len(workflow.Jobs))
	}
	r.runner.Output.Reset()
	code := r.runner.Job(t, workflow.Jobs["validate"].Steps)
	if code == 0 {
		code = r.runner.Job(t, workflow.Jobs["prod"].Steps)
	}
	said := r.runner.Output.String()
	if (code == 0) != green {
		t.Fatalf("the run ends with %d, want green: %v\n%s", code, green, said)
	}
	for _, word := range words {
		if !strings.Contains(said, word) {
			t.Errorf("the run does not say %q:\n%s", word, said)
		}
	}
	for line := range strings.Lines(said) {
		if !strings.HasPrefix(line, "::add-mask::") { // GitHub shows none of them.
			for _, finding := range r.marks.Find(line) {
				t.Errorf("the log of the run: %s", finding)
			}
		}
	}
}

// due is a command in the log of a run: to the end of its here-document, or of its line.
var due = regexp.MustCompile(`(?ms)^vault (?:policy write [^\n]*<<'EOF'\n.*?^EOF$|write [^\n]*$)`)

// giveAccess runs the commands that the last run left to people.
func (r *reader) giveAccess(t *testing.T) {
	t.Helper()
	found := due.FindAllString(r.runner.Output.String(), -1)
	seen := map[string]bool{}
	for _, command := range found {
		if !seen[command] {
			seen[command] = true
			r.typeIn(t, step{}, command)
		}
	}
	if len(seen) != 2 {
		t.Fatalf("the log has %d commands, want 2:\n%s", len(seen), r.runner.Output.String())
	}
}

// wantRunning checks what the page promises: the application has its value, and the values of
// GitHub are where the plan says.
func (r *reader) wantRunning(t *testing.T) {
	t.Helper()
	var app, atlantis corev1.Secret
	harness.Must(t, r.Client.Get(t.Context(), client.ObjectKey{Namespace: "payments", Name: "payments-db"}, &app))
	if got := len(app.Data["DB_PASSWORD"]); got != 32 {
		t.Errorf("the application's password has %d characters, want 32", got)
	}
	harness.Must(t, r.Client.Get(t.Context(), client.ObjectKey{Namespace: "atlantis", Name: "atlantis-vcs"}, &atlantis))
	if string(atlantis.Data["github_token"]) != r.secrets["ATLANTIS_GITHUB_TOKEN"] {
		t.Error("Atlantis has not got its token")
	}
	if _, err := r.Vault.Root().Auth().Token().LookupSelfWithContext(t.Context()); err == nil {
		t.Error("the root token is still good")
	}
	r.run(t, true, "0 created, 0 changed, 2 kept")
	harness.Must(t, filepath.WalkDir(r.dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		for _, finding := range r.marks.Find(string(text)) {
			t.Errorf("%s: %s", path, finding)
		}
		return err
	}))
}
