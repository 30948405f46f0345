// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import "strings"

// syncCases are about a SecretSync as a whole: its name, how often it reads, what it keeps.
func syncCases() map[string]apiCase {
	interval := func(text string) string { return "spec: {refresh: {interval: " + text + "}}" }
	const intervals = "must be 0s (read on request only), or 5s to 8760h"
	return map[string]apiCase{
		"Everything": {
			reason: "each field of the design at once",
			patch: `
metadata: {annotations: {secretsync.io/refresh: now, secretsync.io/pause-until: "2026-01-02T03:04:05Z"}}
spec:
  backendRef: {kind: ClusterSecretBackend, name: vault}
  refresh: {interval: 1m}
  data:
    - secretKey: DB_PASSWORD
      from:
        path: payments/db
        field: password
        jsonPointer: ""
        version: "4"
        backendRef: {kind: SecretBackend, name: own}
      decode: None
  dataFrom:
    - entry: {path: payments/config, version: "2", backendRef: {kind: SecretBackend, name: own}}
  target:
    name: payments-db
    type: Opaque
    metadata: {labels: {team: red}, annotations: {corp.example/note: "any text: {}"}}
    onSourceGone: Keep
    onDelete: Keep
    recreate: Forbidden
  history: {limit: 5, maxAge: 0s, requireRecord: false}
  drift: {policy: Repair}
  safety: {maxKeyLossPercent: 50}
  suspend: false
`,
		},
		"OtherChoices": {
			patch: `
spec:
  target: {onSourceGone: Delete, onDelete: Delete, recreate: Allowed}
  history: {limit: 20, maxAge: 720h, requireRecord: true}
  drift: {policy: Report}
  safety: {maxKeyLossPercent: 0}
  suspend: true
`,
		},
		"NameLongest":         {patch: "metadata: {name: " + strings.Repeat("n", 240) + "}"},
		"NameTooLong":         {patch: "metadata: {name: " + strings.Repeat("n", 241) + "}", field: "metadata.name", says: "at most 240 characters"},
		"NameLikeRevision":    {patch: "metadata: {name: app.r12}", field: "metadata.name", says: "must not end in .r<digits>"},
		"NameAlmostRevision":  {patch: "metadata: {name: app.r12x}"},
		"NameRevisionNoDot":   {patch: "metadata: {name: app-r12}"},
		"NothingToRead":       {patch: "spec: {dataFrom: null}", field: "spec", says: "must have data, dataFrom or both"},
		"BackendOtherKind":    {patch: "spec: {backendRef: {kind: SecretStore, name: vault}}", field: "spec.backendRef.kind", says: `"SecretBackend", "ClusterSecretBackend"`},
		"BackendInvalidName":  {patch: "spec: {backendRef: {kind: SecretBackend, name: My_Vault}}", field: "spec.backendRef.name", says: "lower-case letters, digits, - and ."},
		"BackendOtherSpace":   {reason: "a slash reaches no other namespace", patch: "spec: {backendRef: {kind: SecretBackend, name: other/vault}}", field: "spec.backendRef.name", says: "lower-case letters"},
		"IntervalOnRequest":   {patch: interval("0s")},
		"IntervalZero":        {patch: interval("'0'")},
		"IntervalShortest":    {patch: interval("5s")},
		"IntervalMixed":       {patch: interval("1h30m0.5s")},
		"IntervalLongest":     {patch: interval("8760h")},
		"IntervalTooShort":    {patch: interval("4.9s"), field: "spec.refresh.interval", says: intervals},
		"IntervalTooLong":     {patch: interval("8761h"), field: "spec.refresh.interval", says: intervals},
		"IntervalNegative":    {patch: interval("-5s"), field: "spec.refresh.interval", says: intervals},
		"IntervalDays":        {reason: "the operator cannot decode it, so it must not be stored", patch: interval("1d"), field: "spec.refresh.interval", says: intervals},
		"IntervalWithSpace":   {reason: "the operator cannot decode it, so it must not be stored", patch: interval("5 m"), field: "spec.refresh.interval", says: intervals},
		"IntervalWord":        {patch: interval("hourly"), field: "spec.refresh.interval", says: intervals},
		"IntervalEmpty":       {patch: interval("''"), field: "spec.refresh.interval", says: intervals},
		"IntervalNumber":      {patch: interval("60"), field: "spec.refresh.interval", says: "string"},
		"HistoryMaxAgeDays":   {patch: "spec: {history: {maxAge: 30d}}", field: "spec.history.maxAge", says: "must be 0s (revisions do not age) or longer"},
		"HistoryMaxAgeMinus":  {patch: "spec: {history: {maxAge: -1h}}", field: "spec.history.maxAge", says: "must be 0s (revisions do not age) or longer"},
		"HistoryNone":         {patch: "spec: {history: {limit: 0}}", field: "spec.history.limit", says: "greater than or equal to 1"},
		"HistoryTooMany":      {patch: "spec: {history: {limit: 21}}", field: "spec.history.limit", says: "less than or equal to 20"},
		"DriftOtherPolicy":    {patch: "spec: {drift: {policy: Ignore}}", field: "spec.drift.policy", says: `"Repair", "Report"`},
		"KeyLossOverHundred":  {patch: "spec: {safety: {maxKeyLossPercent: 101}}", field: "spec.safety.maxKeyLossPercent", says: "less than or equal to 100"},
		"SuspendAsText":       {patch: "spec: {suspend: 'yes'}", field: "spec.suspend", says: "boolean"},
		"WithoutSpec":         {patch: "spec: null", field: "spec", says: "Required value"},
		"BackendOfTheCluster": {patch: "spec: {backendRef: {kind: ClusterSecretBackend, name: vault.eu-1}}"},
	}
}

// sourceCases are about what is read.
func sourceCases() map[string]apiCase {
	item := func(key, from string) string {
		return "spec: {data: [{secretKey: " + key + ", from: {" + from + "}}]}"
	}
	path := func(text string) string { return item("KEY", "field: x, path: "+text) }
	pointer := func(text string) string { return item("KEY", "path: app, field: x, jsonPointer: "+text) }
	entry := func(from string) string { return "spec: {dataFrom: [{entry: {" + from + "}}]}" }
	const (
		keys     = "characters of [-._a-zA-Z0-9], not starting with .. and not . alone"
		segments = "must be / or segments of [A-Za-z0-9_.@ -], {namespace} and {label:KEY}, separated by single slashes"
		pointers = "must be an RFC 6901 pointer"
		versions = "must be the version's name"
	)
	return map[string]apiCase{
		"DataAlone":          {patch: "spec: {dataFrom: null, data: [{secretKey: KEY, from: {path: app, field: x}}]}"},
		"KeyOfAllCharacters": {patch: item("-._aZ0", "path: app, field: x")},
		"KeyHidden":          {patch: item(".dockerconfigjson", "path: app, field: x")},
		"KeyWithSpace":       {patch: item("'MY KEY'", "path: app, field: x"), field: "spec.data[0].secretKey", says: keys},
		"KeyDot":             {patch: item("'.'", "path: app, field: x"), field: "spec.data[0].secretKey", says: keys},
		"KeyParent":          {patch: item("..data", "path: app, field: x"), field: "spec.data[0].secretKey", says: keys},
		"KeyTwice": {
			patch: "spec: {data: [{secretKey: K, from: {path: a, field: x}}, {secretKey: K, from: {path: b, field: x}}]}",
			field: "spec.data[1]", says: "Duplicate value",
		},
		"FieldMissing":        {patch: item("KEY", "path: app"), field: "spec.data[0].from.field", says: "Required value"},
		"FieldOfAnyText":      {patch: item("KEY", "path: app, field: 'a.b/c d~ä'")},
		"PathOfAllCharacters": {patch: path("'a-z/A.Z/0_9@x y/...'")},
		"PathRoot":            {patch: path("/")},
		"PathPlaceholders":    {patch: path("'a-{namespace}.x/{label:corp.example/team}/{namespace}'")},
		"PathOtherBraces":     {patch: path("'a/{name}'"), field: "spec.data[0].from.path", says: segments},
		"PathOpenBrace":       {patch: path("'a/{namespace'"), field: "spec.data[0].from.path", says: segments},
		"PathLeadingSlash":    {patch: path("/app"), field: "spec.data[0].from.path", says: segments},
		"PathTrailingSlash":   {patch: path("app/"), field: "spec.data[0].from.path", says: segments},
		"PathDoubleSlash":     {patch: path("a//b"), field: "spec.data[0].from.path", says: segments},
		"PathDot":             {patch: path("a/./b"), field: "spec.data[0].from.path", says: segments},
		"PathParent":          {patch: path("a/../b"), field: "spec.data[0].from.path", says: segments},
		"PathParentLast":      {patch: path("a/.."), field: "spec.data[0].from.path", says: segments},
		"PathPercent":         {patch: path("a%2f..%2fb"), field: "spec.data[0].from.path", says: segments},
		"PathQuery":           {patch: path("'a?version=1'"), field: "spec.data[0].from.path", says: segments},
		"PathNewline":         {patch: path(`"a\n"`), field: "spec.data[0].from.path", says: segments},
		"PointerMember":       {patch: pointer("/a~0b/c~1d/0")},
		"PointerOfNoName":     {patch: pointer("/")},
		"PointerNoSlash":      {patch: pointer("a"), field: "spec.data[0].from.jsonPointer", says: pointers},
		"PointerTilde":        {patch: pointer("/a~"), field: "spec.data[0].from.jsonPointer", says: pointers},
		"PointerOtherTilde":   {patch: pointer("/a~2"), field: "spec.data[0].from.jsonPointer", says: pointers},
		"VersionOfText":       {patch: item("KEY", "path: app, field: x, version: v1.2_3-a")},
		"VersionAsNumber":     {patch: item("KEY", "path: app, field: x, version: 4"), field: "spec.data[0].from.version", says: "string"},
		"VersionWithSpace":    {patch: item("KEY", "path: app, field: x, version: 'a b'"), field: "spec.data[0].from.version", says: versions},
		"DecodeBase64":        {patch: "spec: {data: [{secretKey: K, decode: Base64, from: {path: a, field: x}}]}"},
		"DecodeHex": {
			patch: "spec: {data: [{secretKey: K, decode: Hex, from: {path: a, field: x}}]}",
			field: "spec.data[0].decode", says: `"None", "Base64"`,
		},
		"EntryBackendInvalid": {
			patch: item("KEY", "path: app, field: x, backendRef: {kind: SecretBackend, name: A}"),
			field: "spec.data[0].from.backendRef.name", says: "lower-case letters",
		},
		"DataFromPathParent":   {patch: entry("path: ../app"), field: "spec.dataFrom[0].entry.path", says: segments},
		"DataFromVersionSpace": {patch: entry("path: app, version: ' '"), field: "spec.dataFrom[0].entry.version", says: versions},
		"DataFromBackendInvalid": {
			patch: entry("path: app, backendRef: {kind: SecretBackend, name: A}"),
			field: "spec.dataFrom[0].entry.backendRef.name", says: "lower-case letters",
		},
	}
}

// targetCases are about the Secret that is served.
func targetCases() map[string]apiCase {
	target := func(text string) string { return "spec: {target: {" + text + "}}" }
	const (
		types = "must be a type that nobody acts on"
		names = "must be the name of a Secret"
		keys  = "must have keys of the form name or prefix/name"
	)
	return map[string]apiCase{
		"TargetMerge":           {patch: target("mode: Merge, name: app, onDelete: Delete")},
		"TargetOtherMode":       {patch: target("mode: Orphan"), field: "spec.target.mode", says: `"Own", "Merge"`},
		"TargetMergeType":       {patch: target("mode: Merge, type: Opaque"), field: "spec.target", says: "belong to the Secret's owner"},
		"TargetMergeMetadata":   {patch: target("mode: Merge, metadata: {labels: {team: red}}"), field: "spec.target", says: "belong to the Secret's owner"},
		"TargetMergeTemplate":   {patch: "spec: {template: {data: {a: b}, metadata: {labels: {team: red}}}, target: {mode: Merge}}", field: "spec", says: "template.metadata belongs to the Secret's owner"},
		"TargetMergeRecreate":   {patch: target("mode: Merge, recreate: Allowed"), field: "spec.target", says: "refused in mode Merge"},
		"TargetMergeSourceGone": {patch: target("mode: Merge, onSourceGone: Delete"), field: "spec.target", says: "refused in mode Merge"},
		"TargetMergeLongName":   {patch: "metadata: {name: " + strings.Repeat("n", 64) + "}\n" + target("mode: Merge"), field: "metadata.name", says: "at most 63 characters in mode Merge"},
		"TargetVersioned":       {patch: target("versioned: true, onDelete: Delete")},
		"TargetVersionedMerge":  {patch: target("mode: Merge, versioned: true"), field: "spec.target", says: "refused in mode Merge"},
		"VersionedSourceGone":   {patch: target("versioned: true, onSourceGone: Delete"), field: "spec.target", says: "refused with versioned"},
		"VersionedRecreate":     {patch: target("versioned: true, recreate: Allowed"), field: "spec.target", says: "refused with versioned"},
		"TargetName":            {patch: target("name: app.eu-1.x")},
		"TargetNameUpper":       {patch: target("name: App"), field: "spec.target.name", says: names},
		"TargetNameDots":        {patch: target("name: a..b"), field: "spec.target.name", says: names},
		"TargetNameSlash":       {reason: "no other namespace is reached", patch: target("name: other/app"), field: "spec.target.name", says: names},
		"TargetNameOfRevision":  {patch: target("name: app.r1"), field: "spec.target.name", says: "must not end in .r<digits>"},
		"TypeTLS":               {patch: target("type: kubernetes.io/tls")},
		"TypeOwn":               {patch: target("type: corp.example/own")},
		"TypeServiceAccount":    {patch: target("type: kubernetes.io/service-account-token"), field: "spec.target.type", says: types},
		"TypeBootstrapToken":    {patch: target("type: bootstrap.kubernetes.io/token"), field: "spec.target.type", says: types},
		"TypeHelmRelease":       {patch: target("type: helm.sh/release.v1"), field: "spec.target.type", says: types},
		"TypeRevision":          {patch: target("type: secretsync.io/revision"), field: "spec.target.type", says: types},
		"LabelWithPrefix":       {patch: target("metadata: {labels: {corp.example/team: Red_1.x, empty: ''}}")},
		"LabelOfOperator":       {patch: target("metadata: {labels: {secretsync.io/target: 'true'}}"), field: "spec.target.metadata.labels", says: "keys of secretsync.io, which belong to the operator"},
		"LabelInvalidKey":       {patch: target("metadata: {labels: {'a b': x}}"), field: "spec.target.metadata.labels", says: keys},
		"LabelKeyTooLong":       {patch: target("metadata: {labels: {" + strings.Repeat("k", 64) + ": x}}"), field: "spec.target.metadata.labels", says: keys},
		"LabelInvalidValue":     {patch: target("metadata: {labels: {team: 'a b'}}"), field: "spec.target.metadata.labels[team]", says: "must be the value of a label"},
		"AnnotationOfOperator":  {patch: target("metadata: {annotations: {secretsync.io/owner: x/y}}"), field: "spec.target.metadata.annotations", says: "keys of secretsync.io, which belong to the operator"},
		"AnnotationInvalidKey":  {patch: target("metadata: {annotations: {'/a': x}}"), field: "spec.target.metadata.annotations", says: keys},
		"AnnotationValueOfText": {patch: target(`metadata: {annotations: {note: "two\nlines"}}`)},
		"OnSourceGoneOther":     {patch: target("onSourceGone: Retain"), field: "spec.target.onSourceGone", says: `"Keep", "Delete"`},
		"OnDeleteOther":         {patch: target("onDelete: Retain"), field: "spec.target.onDelete", says: `"Keep", "Delete"`},
		"RecreateOther":         {patch: target("recreate: 'Yes'"), field: "spec.target.recreate", says: `"Forbidden", "Allowed"`},
	}
}
