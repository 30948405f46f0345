{{/* What the operator needs wherever it serves. Each right is one that test/e2e/rbac and
test/e2e/scoped see in use. */}}
{{- define "secretsync.rules" -}}
- apiGroups: [secretsync.io]
  resources: [secretsyncs, secretbackends]
  verbs: [list, watch]
- apiGroups: [secretsync.io]
  resources: [secretsyncs/status, secretbackends/status]
  verbs: [patch]
# Kubernetes cannot narrow these down to what the operator owns or is offered: a right to create
# knows no names, and one to list no labels.
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, list, watch, create, update, patch, delete]
- apiGroups: [""]
  resources: [serviceaccounts/token]
  resourceNames: [{{ .Values.authServiceAccount.name }}]
  verbs: [create]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- if .Values.restarts.enabled }}
# To mark their Pod templates, by which they are restarted.
- apiGroups: [apps]
  resources: [deployments, statefulsets, daemonsets]
  verbs: [list, patch]
- apiGroups: [argoproj.io]
  resources: [rollouts]
  verbs: [list, patch]
{{- end }}
{{- end }}
