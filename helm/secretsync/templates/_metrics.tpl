{{/* The flags of the metrics endpoint. */}}
{{- define "secretsync.metricsArgs" -}}
{{- $metrics := include "secretsync.metrics" . }}
{{- if eq $metrics "Off" -}}
- --metrics-address=0
{{- else if eq $metrics "Local" -}}
- --metrics-address=127.0.0.1:8443
- --metrics-auth=None
{{- else -}}
- --metrics-address=:8443
{{- if eq $metrics "ClientCertificate" }}
- --metrics-auth=ClientCertificate
- --metrics-client-ca=/var/run/secretsync/metrics-client-ca/ca.crt
{{- end }}
{{- with .Values.metrics.certSecret }}
- --metrics-cert-dir=/var/run/secretsync/metrics-cert
{{- end }}
{{- end }}
{{- if not .Values.metrics.perObject }}
- --metrics-per-object=false
{{- end }}
{{- end }}

{{/* The Secrets with certificates of the metrics endpoint, by the names of their volumes. */}}
{{- define "secretsync.metricsSecrets" -}}
{{- $metrics := include "secretsync.metrics" . }}
{{- if and .Values.metrics.certSecret (has $metrics (list "Kubernetes" "ClientCertificate")) }}
metrics-cert: {{ .Values.metrics.certSecret }}
{{- end }}
{{- if eq $metrics "ClientCertificate" }}
metrics-client-ca: {{ .Values.metrics.clientCASecret }}
{{- end }}
{{- end }}

{{- define "secretsync.metricsVolumes" -}}
{{- range $volume, $secret := include "secretsync.metricsSecrets" . | fromYaml }}
- name: {{ $volume }}
  secret: {secretName: {{ $secret }}}
{{- end }}
{{- end }}

{{- define "secretsync.metricsMounts" -}}
{{- range $volume, $secret := include "secretsync.metricsSecrets" . | fromYaml }}
- {name: {{ $volume }}, mountPath: /var/run/secretsync/{{ $volume }}, readOnly: true}
{{- end }}
{{- end }}
