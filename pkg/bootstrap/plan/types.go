// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

// What every plan begins with.
const (
	APIVersion = "bootstrap.secretsync.io/v1alpha1"
	Kind       = "Bootstrap"
)

// Plan is a whole bootstrap.yaml.
type Plan struct {
	// APIVersion and Kind are the constants of these names.
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	// Name is recorded beside everything that is written, so that two plans do not take each
	// other's for their own. Parse fills in DefaultName.
	Name string `json:"name,omitempty"`
	// Stages are the stages in their order. Parse fills in DefaultStages.
	Stages []string `json:"stages,omitempty"`
	// Environments are those that the plan serves, by name.
	Environments map[string]Environment `json:"environments"`
	// Values are what is moved.
	Values []Value `json:"values"`
	// OperatorAccess is what the operator needs to log in.
	OperatorAccess *OperatorAccess `json:"operatorAccess,omitempty"`
}

// DefaultName is the name of a plan that has none.
const DefaultName = "bootstrap"

// DefaultStages returns the stages of a plan that names none.
func DefaultStages() []string { return []string{"infra", "cluster", "vault"} }

// Environment is where values of one environment go, and who may move them.
type Environment struct {
	// GitHub says which runs may act for this environment.
	GitHub *GitHub `json:"github,omitempty"`
	// Vault is this environment's Vault.
	Vault *Vault `json:"vault,omitempty"`
	// Infisical is this environment's Infisical.
	Infisical *Infisical `json:"infisical,omitempty"`
	// KubeContext is the context of the kubeconfig that leads to this environment's cluster;
	// empty is the current one, or the cluster that the helper runs in.
	KubeContext string `json:"kubeContext,omitempty"`
	// Instances is the pattern of the names of this environment's instances, such as one for
	// each pull request; it matches a whole name. Empty: the environment has none.
	Instances string `json:"instances,omitempty"`
}

// GitHub is how a workflow run is recognized.
type GitHub struct {
	// Environment is what the claim environment of the run's OIDC token must be.
	Environment string `json:"environment"`
	// Repository, OWNER/NAME, is what the claim repository must be; empty allows any that the
	// other side trusts.
	Repository string `json:"repository,omitempty"`
	// Issuer is whose signature on the token is believed; empty is github.com's. A GitHub
	// Enterprise Server has its own.
	Issuer string `json:"issuer,omitempty"`
}

// Vault is how an environment's Vault is reached.
type Vault struct {
	// Address is the URL of the server.
	Address string `json:"address"`
	// Role is the role of the JWT auth method that a workflow run logs in with.
	Role string `json:"role,omitempty"`
	// AuthMount is where that auth method is; empty is "jwt".
	AuthMount string `json:"authMount,omitempty"`
	// Audience is that of the token that is asked of GitHub; empty is the address.
	Audience string `json:"audience,omitempty"`
	// Namespace is that of Vault Enterprise or OpenBao.
	Namespace string `json:"namespace,omitempty"`
	// CAFile is a file with the authorities of the server's certificate, PEM; empty are the
	// machine's.
	CAFile string `json:"caFile,omitempty"`
}

// Infisical is how an environment's project in Infisical is reached.
type Infisical struct {
	// Address is the URL of the server.
	Address string `json:"address"`
	// ProjectID is the project.
	ProjectID string `json:"projectID"`
	// Environment is the slug of Infisical's environment.
	Environment string `json:"environment"`
	// IdentityID is the machine identity that a workflow run logs in as.
	IdentityID string `json:"identityID,omitempty"`
	// Audience is that of the token that is asked of GitHub; empty is the address.
	Audience string `json:"audience,omitempty"`
	// CAFile is a file with the authorities of the server's certificate, PEM.
	CAFile string `json:"caFile,omitempty"`
}

// Value is one value: where it comes from, what must be true of it, where it goes.
type Value struct {
	// Name is unique in the plan.
	Name string `json:"name"`
	// Stage is when it is moved.
	Stage string `json:"stage"`
	// From is where it comes from; either From or Generate is there.
	From *Source `json:"from,omitempty"`
	// Generate makes it, the first time.
	Generate *Generate `json:"generate,omitempty"`
	// Check is what must be true before anything is written.
	Check *Check `json:"check,omitempty"`
	// Only are the environments that it is for; empty are all.
	Only []string `json:"only,omitempty"`
	// DistinctPerEnvironment refuses a value that another environment has as well.
	DistinctPerEnvironment bool `json:"distinctPerEnvironment,omitempty"`
	// To is where it goes.
	To []Destination `json:"to,omitempty"`
}

// Source is where a value comes from; exactly one of its fields is there.
type Source struct {
	// Env is the name of an environment variable, in which {environment} stands for the
	// environment's name in upper case.
	Env string `json:"env,omitempty"`
	// TerraformVariable is NAME of an environment variable TF_VAR_NAME.
	TerraformVariable string `json:"terraformVariable,omitempty"`
	// File is the path of a file.
	File string `json:"file,omitempty"`
	// Stdin takes standard input, all of it.
	Stdin bool `json:"stdin,omitempty"`
	// Template is text in which {value:NAME} stands for another value.
	Template string `json:"template,omitempty"`
	// AllSecrets is a name in the object that toJSON(secrets) makes.
	AllSecrets string `json:"allSecrets,omitempty"`
}

// Generate says how a value is made; exactly one of its fields is there.
type Generate struct {
	// Password is a number of letters and digits.
	Password int `json:"password,omitempty"`
	// Hex is a number of random bytes, written as hexadecimal digits.
	Hex int `json:"hex,omitempty"`
	// Base64 is a number of random bytes, written in base64.
	Base64 int `json:"base64,omitempty"`
	// VaultAppRole is a role of Vault's AppRole auth method, which issues a secret ID.
	VaultAppRole *AppRole `json:"vaultAppRole,omitempty"`
}

// AppRole is a role of Vault's AppRole auth method.
type AppRole struct {
	// Role is the name of the role.
	Role string `json:"role"`
	// Mount is where the auth method is; empty is "approle".
	Mount string `json:"mount,omitempty"`
}

// Check is what must be true of a value.
type Check struct {
	// Required refuses a value that is not there; absent is true.
	Required *bool `json:"required,omitempty"`
	// Pattern is a regular expression (RE2) that the whole value matches.
	Pattern string `json:"pattern,omitempty"`
	// MinLength and MaxLength are in bytes.
	MinLength int `json:"minLength,omitempty"`
	MaxLength int `json:"maxLength,omitempty"`
	// MinEntropy is in bits, as estimated from the value's characters.
	MinEntropy int `json:"minEntropy,omitempty"`
	// Format is the shape of the value.
	Format Format `json:"format,omitempty"`
	// NotExpiredFor is how long a certificate or a JWT is to be good for, from now on, such as
	// 168h; it is refused when already expired in any case.
	NotExpiredFor string `json:"notExpiredFor,omitempty"`
	// AllowPlaceholder lets through what looks like a placeholder.
	AllowPlaceholder bool `json:"allowPlaceholder,omitempty"`
	// AllowTrailingNewline lets through a newline at the end; PEM has one by nature.
	AllowTrailingNewline bool `json:"allowTrailingNewline,omitempty"`
	// AllowCRLF lets through carriage returns.
	AllowCRLF bool `json:"allowCRLF,omitempty"`
}

// Format is the shape of a value.
type Format string

// The formats.
const (
	FormatPEM    Format = "PEM"
	FormatJSON   Format = "JSON"
	FormatURL    Format = "URL"
	FormatBase64 Format = "Base64"
	FormatJWT    Format = "JWT"
)

// Destination is where a value goes; exactly one of the fields that name a place is there.
type Destination struct {
	// ProcessEnv is an environment variable of the command that exec runs.
	ProcessEnv string `json:"processEnv,omitempty"`
	// TerraformVariable is a variable of the Terraform that exec runs.
	TerraformVariable string `json:"terraformVariable,omitempty"`
	// TFVarsFile is a file of Terraform variables, *.tfvars.json, which is there only while
	// exec runs; Variable is the name in it.
	TFVarsFile string `json:"tfvarsFile,omitempty"`
	Variable   string `json:"variable,omitempty"`
	// KubernetesSecret is NAMESPACE/NAME of a Secret; Key the key in it, Type its type if it
	// is created.
	KubernetesSecret string `json:"kubernetesSecret,omitempty"`
	Key              string `json:"key,omitempty"`
	Type             string `json:"type,omitempty"`
	// Credential labels the Secret as one that backends of the operator may log in with. It is
	// the consent of its owner: whoever may make a SecretBackend beside it may then have its
	// value sent to a server.
	Credential bool `json:"credential,omitempty"`
	// Vault is MOUNT/PATH of an entry of a KV engine; Field the field in it. A mount of more
	// than one segment is named by Mount, and the path is then below it.
	Vault string `json:"vault,omitempty"`
	Mount string `json:"mount,omitempty"`
	Field string `json:"field,omitempty"`
	// Infisical is /FOLDER/.../NAME of a secret.
	Infisical string `json:"infisical,omitempty"`
	// Write says what happens to what is there; Parse fills in IfAbsent.
	Write WriteMode `json:"write,omitempty"`
	// Anchor makes this the place that a generated value is copied from. Without one, it is
	// the first that can be read back.
	Anchor bool `json:"anchor,omitempty"`
}

// WriteMode says what happens to what is there already.
type WriteMode string

// The write modes.
const (
	// IfAbsent leaves what is there: the place is the owner from then on.
	IfAbsent WriteMode = "IfAbsent"
	// Overwrite puts the declared value in its stead.
	Overwrite WriteMode = "Overwrite"
	// Verify writes nothing, and refuses what differs.
	Verify WriteMode = "Verify"
)

// OperatorAccess is what the operator needs to log in to Vault.
type OperatorAccess struct {
	// Vault is the operator's login.
	Vault *VaultAccess `json:"vault,omitempty"`
	// Manage lets the helper write the auth role and the policy; otherwise it only looks.
	Manage bool `json:"manage,omitempty"`
	// Stage is when; Parse fills in the last stage.
	Stage string `json:"stage,omitempty"`
}

// VaultAccess is a role of an auth method of Vault, and its policy.
type VaultAccess struct {
	// Auth is the auth method: kubernetes.
	Auth string `json:"auth"`
	// Mount is where the auth method is; empty is the method's name.
	Mount string `json:"mount,omitempty"`
	// ServiceAccount is NAMESPACE/NAME.
	ServiceAccount string `json:"serviceAccount"`
	// Role and Policy are the names of the two; empty is "secretsync".
	Role   string `json:"role,omitempty"`
	Policy string `json:"policy,omitempty"`
	// Audience is that of the ServiceAccount's tokens; empty is "vault".
	Audience string `json:"audience,omitempty"`
	// Paths are MOUNT/PATH of what the operator may read, with * for one segment and ** for
	// the rest; empty is everything below the mount "secret".
	Paths []string `json:"paths,omitempty"`
}
