// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template

import (
	"regexp"
	"slices"
	"strings"
)

// undefined is what text/template says of a function that there is not.
var undefined = regexp.MustCompile(`^function "([^"]*)" not defined$`) //nolint:gochecknoglobals // compiled once, never changed

// elsewhere tells what to use in place of a function that Go, Sprig, Helm or External Secrets have,
// and there is not here; empty if nothing is known.
func elsewhere(name string) string {
	base := strings.TrimPrefix(name, "must")
	if base != name && base != "" {
		base = strings.ToLower(base[:1]) + base[1:]
		if slices.Contains(Functions(), base) {
			return "use " + base + ", which fails where it cannot do what it is asked for"
		}
	}
	if does, ok := replacements()[base]; ok {
		return "use " + does
	}
	for why, names := range impurities() {
		if slices.Contains(strings.Fields(names), base) {
			return why
		}
	}
	return ""
}

// impurities are the functions that do not give the same for the same values, by the reason.
func impurities() map[string]string {
	const same = "; the same values always give the same"
	return map[string]string{
		"templates do not read the environment": "env expandenv",
		"templates do not read the clock" + same: "now ago date dateInZone dateModify date_modify date_in_zone duration durationRound htmlDate " +
			"htmlDateInZone toDate unixEpoch",
		"templates do not use the network":                            "getHostByName",
		"templates do not read the cluster, but what spec.data names": "lookup",
		"templates do not use chance" + same: "randAlpha randAlphaNum randNumeric randAscii randBytes randInt shuffle uuidv4 bcrypt encryptAES " +
			"genPrivateKey genCA genCAWithKey genSelfSignedCert genSelfSignedCertWithKey genSignedCert genSignedCertWithKey",
		"templates do not work with the private keys of others":           "rsaDecrypt decryptAES derivePassword buildCustomCert",
		"templates do not render texts of values, which are no templates": "tpl include call",
	}
}

// replacements are functions of others, and what does the same.
func replacements() map[string]string {
	all := map[string]string{
		"js": "toJson", "toRawJson": "toJson", "base64encode": "b64enc", "base64decode": "b64dec",
		"required":      "{{ .name }}, which fails where there is no such value",
		"fromYamlArray": "fromYaml", "fromJsonArray": "fromJson", "toYamlPretty": "toYaml",
		"tuple": "list", "deepCopy": "the map itself, which is never changed", "deepEqual": "eq of toJson", "mergeOverwrite": "merge, whose first map wins",
		"pluck": "get or dig", "chunk": "slice", "seq": "until", "untilStep": "until", "toStrings": "range", "any": "or", "all": "and",
		"atoi": "int", "int64": "int", "float64": "fromJson", "toDecimal": "int", "biggest": "max", "floor": "div", "ceil": "div", "round": "printf",
		"typeOf": "kindOf", "typeIs": "kindIs", "typeIsLike": "kindIs",
		"title": "upper or lower", "untitle": "upper or lower", "initials": "substr", "abbrev": "trunc", "abbrevboth": "trunc",
		"plural": "ternary", "wrap": "splitList and join", "wrapWith": "splitList and join",
		"camelcase": "regexReplaceAll", "snakecase": "regexReplaceAll", "kebabcase": "regexReplaceAll", "swapcase": "upper or lower",
		"isAbs": "hasPrefix", "osBase": "base", "osDir": "dir", "osExt": "ext", "osClean": "clean", "osIsAbs": "hasPrefix",
		"urlParse": "splitList, or regexFind", "urlJoin": "print and urlencode", "getSecretKey": "{{ index . \"key\" }}",
		"adler32sum": "sha256sum", "hexEncode": "hexenc", "hexDecode": "hexdec",
		"filterCertChain": "certChain, pemCertificates and index", "jwkPublicKeyPem": "jwkToPem", "jwkPrivateKeyPem": "jwkToPem",
		"pkcs12key": "the PEM that the PKCS #12 was made of, which is not read", "pkcs12cert": "the PEM that the PKCS #12 was made of, which is not read",
		"pemToPkcs12": "pkcs12 KEY CERTIFICATES PASSWORD", "pemTruststoreToPKCS12": "pkcs12Trust CERTIFICATES PASSWORD",
	}
	for _, name := range []string{"pkcs12key", "pkcs12cert", "pemToPkcs12", "pemTruststoreToPKCS12"} {
		all[name+"Pass"] = all[name]
	}
	all["fullPemToPkcs12"], all["fullPemToPkcs12Pass"] = all["pemToPkcs12"], all["pemToPkcs12"]
	return all
}
