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
# Templates; the operator looks at those alone that are labelled secretsync.io/template.
- apiGroups: [""]
  resources: [configmaps]
  verbs: [list, watch]
- apiGroups: [""]
  resources: [serviceaccounts/token]
  resourceNames: [{{ .Values.authServiceAccount.name }}]
  verbs: [create]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- if .Values.versionedTargets }}
# What may refer to an old version of a Secret; asked for only when one could be deleted.
- apiGroups: [""]
  resources: [pods, serviceaccounts]
  verbs: [list]
- apiGroups: [networking.k8s.io]
  resources: [ingresses]
  verbs: [list]
- apiGroups: [apps]
  resources: [replicasets, controllerrevisions, deployments]
  verbs: [list]
- apiGroups: [batch]
  resources: [jobs, cronjobs]
  verbs: [list]
{{- end }}
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
