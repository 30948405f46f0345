{{- define "gvList" -}}
<!-- Generated from pkg/apis by `make generate`. Do not edit. -->

# API reference
{{ range . }}{{ template "gvDetails" . }}{{ end -}}
{{- end -}}
