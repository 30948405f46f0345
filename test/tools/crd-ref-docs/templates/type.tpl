{{- define "type" -}}
{{- if markdownShouldRenderType . }}
### {{ .Name }}

{{ .Doc }}
{{- if .IsAlias }}

A {{ markdownRenderTypeLink .UnderlyingType }}.
{{- end }}
{{- if .Validation }}
{{ range .Validation }}
- {{ template "validation" . }}
{{- end }}
{{- end }}
{{- if .References }}

Appears in: {{ range $i, $r := .SortedReferences }}{{ if $i }}, {{ end }}{{ markdownRenderTypeLink $r }}{{ end }}.
{{- end }}
{{- if .Members }}

| field | type | description | rules |
|---|---|---|---|
{{- if .GVK }}
| `apiVersion` | string | `{{ .GVK.Group }}/{{ .GVK.Version }}` | |
| `kind` | string | `{{ .GVK.Kind }}` | |
{{- end }}
{{- range .Members }}
| `{{ .Name }}` | {{ markdownRenderType .Type }} | {{ markdownRenderFieldDoc .Doc | replace "<br />" " " }} | {{ range $i, $v := .Validation }}{{ if $i }}; {{ end }}{{ template "validation" $v }}{{ end }} |
{{- end }}
{{- end }}
{{ end -}}
{{- end -}}
