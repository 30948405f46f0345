// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package api

// selectingCases are about what dataFrom finds, takes and renames.
func selectingCases() map[string]apiCase {
	from := func(text string) string { return "spec: {dataFrom: [{" + text + "}]}" }
	find := func(text string) string { return from("find: {" + text + "}") }
	shaped := func(text string) string { return from("entry: {path: app}, " + text) }
	rule := func(text string) string { return shaped("rename: [{" + text + "}]") }
	const (
		member   = "must have exactly one member: entry or find"
		ruleSays = "must have exactly one member: regexp, case or invalid"
		segments = "must be / or segments of [A-Za-z0-9_.@ -], {namespace} and {label:KEY}, separated by single slashes"
		first    = "spec.dataFrom[0]"
	)
	return map[string]apiCase{
		"ShapingOfAnEntry": {patch: shaped("include: ['DB_.*'], exclude: [DB_DEBUG], prefix: P_, decode: None, onConflict: Fail, " +
			"rename: [{regexp: {match: '^db_(.*)$', replace: 'DB_$1'}}, {regexp: {match: x, replace: ''}}, {case: Upper}, {invalid: _}]")},
		"ShapingOfAFolder": {patch: from("find: {path: payments, match: 'db-.*', recursive: true, keys: PathAndField, backendRef: {kind: SecretBackend, name: own}}, " +
			"decode: Base64, onConflict: Override, rename: [{case: Lower}]")},
		"FindRoot":           {patch: find("path: /, keys: Field, recursive: false")},
		"ConflictKeep":       {patch: shaped("onConflict: Keep")},
		"NoMember":           {patch: "spec: {dataFrom: [{}]}", field: first, says: member},
		"BothMembers":        {patch: from("entry: {path: app}, find: {path: app}"), field: first, says: member},
		"ShapingAlone":       {patch: from("prefix: P_"), field: first, says: member},
		"FindWithoutPath":    {patch: find("match: x"), field: first + ".find.path", says: "Required value"},
		"FindPathParent":     {patch: find("path: ../app"), field: first + ".find.path", says: segments},
		"FindPathSlash":      {patch: find("path: app/"), field: first + ".find.path", says: segments},
		"FindBackendInvalid": {patch: find("path: app, backendRef: {kind: SecretBackend, name: A}"), field: first + ".find.backendRef.name", says: "lower-case letters"},
		"FindOtherKeys":      {patch: find("path: app, keys: Path"), field: first + ".find.keys", says: `"Field", "PathAndField"`},
		"PrefixWithSpace":    {patch: shaped("prefix: 'a b'"), field: first + ".prefix", says: "characters of [-._a-zA-Z0-9]"},
		"OtherDecode":        {patch: shaped("decode: Hex"), field: first + ".decode", says: `"None", "Base64"`},
		"OtherConflict":      {patch: shaped("onConflict: Merge"), field: first + ".onConflict", says: `"Fail", "Keep", "Override"`},
		"NoRule":             {patch: shaped("rename: [{}]"), field: first + ".rename[0]", says: ruleSays},
		"TwoRules":           {patch: rule("case: Upper, invalid: _"), field: first + ".rename[0]", says: ruleSays},
		"OtherCase":          {patch: rule("case: Title"), field: first + ".rename[0].case", says: `"Upper", "Lower"`},
		"InvalidByInvalid":   {patch: rule("invalid: '/'"), field: first + ".rename[0].invalid", says: "which keys of a Secret can hold"},
		"RegexpWithoutMatch": {patch: rule("regexp: {replace: x}"), field: first + ".rename[0].regexp.match", says: "Required value"},
	}
}
