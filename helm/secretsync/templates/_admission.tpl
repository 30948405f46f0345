{{/* What the admission policies look at. */}}
{{- define "secretsync.admissionMatch" -}}
{{- with .Values.scope.namespaces -}}
namespaceSelector:
  matchExpressions:
  - {key: kubernetes.io/metadata.name, operator: In, values: {{ toJson . }}}
{{ end -}}
resourceRules:
- apiGroups: [secretsync.io]
  apiVersions: ["*"]
  resources: [secretsyncs]
  operations: [CREATE, UPDATE]
{{- end }}

{{/* The annotations before and after, who is named as having asked for a rollback, and who is to
be: whoever wrote the text that stands. */}}
{{- define "secretsync.admissionVariables" -}}
- name: before
  expression: "request.operation == 'CREATE' ? {} : oldObject.metadata.?annotations.orValue({})"
- name: after
  expression: object.metadata.?annotations.orValue({})
- name: stamped
  expression: variables.after[?'secretsync.io/rollback-by'].orValue('')
- name: asked
  expression: variables.after[?'secretsync.io/rollback-to'].orValue('')
- name: by
  expression: >-
    variables.asked == '' ? '' :
    variables.asked == variables.before[?'secretsync.io/rollback-to'].orValue('')
    ? variables.before[?'secretsync.io/rollback-by'].orValue('')
    : request.userInfo.username
{{- end }}
