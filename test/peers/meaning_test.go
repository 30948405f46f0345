// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package peers

// withoutMeaning lists fields that say nothing which a SecretSync or a backend would have to
// know, with all that is in them, or single values that say no more than another, and why.
func withoutMeaning() map[string]string {
	meaningless := map[string]string{
		"ClusterExternalSecret spec.refreshTime":                    "namespaces are watched",
		"InfisicalStaticSecret spec.targets.template.engineVersion": oneVersion,
		"VaultAuth spec.allowedNamespaces":                          "a SecretBackend serves its own namespace",
		"VaultAuth spec.storageEncryption":                          "no client is kept anywhere",
		"VaultAuth spec.kubernetes.tokenExpirationSeconds":          asksAnew,
		"VaultAuth spec.jwt.tokenExpirationSeconds":                 asksAnew,
		"VaultStaticSecret spec.destination.overwrite":              "adoption is asked for Secret by Secret",

		"InfisicalSecret spec.authentication.kubernetesAuth.autoCreateServiceAccountToken": asksAnew,
		"VaultStaticSecret spec.destination.transformation.templates.any.name":             "the key is the name",
	}
	for _, kind := range []string{"SecretStore ", "ClusterSecretStore "} {
		meaningless[kind+"spec.controller"] = "there is one operator"
		meaningless[kind+"spec.refreshInterval"] = "a backend is looked at all the time"
		meaningless[kind+"spec.retrySettings"] = "the poller retries by rules of its own"
		meaningless[kind+"spec.provider.vault.checkAndSet"] = reads
		meaningless[kind+"spec.provider.vault.forwardInconsistent"] = reads
		meaningless[kind+"spec.provider.vault.readYourWrites"] = reads
		meaningless[kind+"spec.provider.vault.auth.jwt.kubernetesServiceAccountToken.expirationSeconds"] = asksAnew
	}
	for _, login := range []string{"kubernetes", "jwt.kubernetesServiceAccountToken"} {
		meaningless["SecretStore spec.provider.vault.auth."+login+".serviceAccountRef.namespace"] = "a SecretStore logs in as its own namespace"
	}
	for _, spec := range []string{"ExternalSecret spec.", "ClusterExternalSecret spec.externalSecretSpec."} {
		meaningless[spec+"data.remoteRef.conversionStrategy"] = "it is of names, and the key is given"
		meaningless[spec+"target.template.engineVersion"] = oneVersion
		meaningless[spec+"refreshPolicy=Periodic"] = isDefault
		meaningless[spec+"data.remoteRef.decodingStrategy=Base64URL"] = bothAlphabets
		meaningless[spec+"dataFrom.extract.decodingStrategy=Base64URL"] = bothAlphabets
	}
	meaningless["ExternalSecret spec.dataFrom.find.decodingStrategy=Base64URL"] = bothAlphabets
	meaningless["ExternalSecret spec.secretStoreRef.kind=SecretStore"] = isDefault
	meaningless["ExternalSecret spec.data.sourceRef.storeRef.kind=SecretStore"] = isDefault
	for _, target := range []string{"managedKubeSecretReferences", "managedSecretReference"} {
		for _, value := range []string{"one", "two"} {
			meaningless["InfisicalSecret spec."+target+".creationPolicy="+value] = "what is not Owner is Orphan"
		}
	}
	return meaningless
}

const (
	asksAnew      = "tokens are asked for when they are needed, for as long as they are needed"
	isDefault     = "it is so anyway"
	bothAlphabets = "decode: Base64 knows both alphabets"
	oneVersion    = "there is one version"
	reads         = "nothing is written into Vault, and a read that is behind is told from one that is not"
)
