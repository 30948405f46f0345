{{/* The labels by which the Deployment finds its Pods; they never change. */}}
{{- define "secretsync.selector" -}}
app.kubernetes.io/name: secretsync
app.kubernetes.io/component: operator
{{- end }}

{{/* The labels of every object. */}}
{{- define "secretsync.labels" -}}
app.kubernetes.io/name: secretsync
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{/* The image: by digest if there is one, else by tag. */}}
{{- define "secretsync.image" -}}
{{- with .Values.image -}}
{{- if .digest }}{{ .repository }}@{{ .digest }}
{{- else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end }}
{{- end }}
{{- end }}
