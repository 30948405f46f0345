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

{{/* What the name of a cluster-wide object ends with: of installations for some namespaces there
may be several. */}}
{{- define "secretsync.suffix" -}}
{{- if .Values.scope.namespaces }}-{{ .Release.Namespace }}{{ end }}
{{- end }}

{{/* Who may read metrics: Off, Local (whoever is in the Pod), Kubernetes or ClientCertificate. */}}
{{- define "secretsync.metrics" -}}
{{- $alone := and .Values.scope.namespaces (not .Values.scope.clusterReviews) }}
{{- if not .Values.metrics.enabled }}Off
{{- else if and $alone (eq .Values.metrics.auth "Kubernetes") }}Local
{{- else }}{{ .Values.metrics.auth }}
{{- end }}
{{- end }}

{{/* The Secret that the default backend logs in with. */}}
{{- define "secretsync.credentials" -}}
{{- if .Values.credentials.create }}secretsync-credentials{{ else }}{{ .Values.credentials.existingSecret }}{{ end }}
{{- end }}

{{/* The ServiceAccount of the operator as the subject of a binding. */}}
{{- define "secretsync.subject" -}}
kind: ServiceAccount
name: secretsync
namespace: {{ .Release.Namespace }}
{{- end }}
