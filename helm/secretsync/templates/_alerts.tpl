{{/* A duration, such as 15m, in seconds. */}}
{{- define "secretsync.seconds" -}}
{{- $units := dict "s" 1 "m" 60 "h" 3600 "d" 86400 "w" 604800 -}}
{{- mul (regexFind "^[0-9]+" . | int64) (get $units (regexFind "[a-z]$" .)) -}}
{{- end }}

{{/*
The groups of rules: the files of files/rules with each ${name} replaced. They are files and no
templates, because Prometheus has templates of the same form in them.
*/}}
{{- define "secretsync.alerts" -}}
{{- $alerts := .Values.alerts -}}
{{- $text := "" -}}
{{- range $path, $content := .Files.Glob "files/rules/*.yaml" -}}
{{- $text = printf "%s%s\n" $text (toString $content | trim) -}}
{{- end -}}
{{- range $name, $value := merge (pick $alerts "pageNamespaces" "namespaceExclude" "keepFiringFor" "runbooks") $alerts.severities -}}
{{- $text = replace (printf "${%s}" $name) (toString $value) $text -}}
{{- end -}}
{{- range $name, $value := $alerts.thresholds -}}
{{- $text = replace (printf "${%s}" $name) (toString $value) $text -}}
{{- if kindIs "string" $value -}}
{{- $text = replace (printf "${%s.seconds}" $name) (include "secretsync.seconds" $value) $text -}}
{{- end -}}
{{- end -}}
{{- $text -}}
{{- end }}
