{{- /* A rule in words: a CEL rule is its message, a marker its name and value. */ -}}
{{- define "validation" -}}
{{- $rule := . -}}
{{- $rule = regexReplaceAll "^(items:)?XValidation: \\{.* must (.*?) +<nil>\\}$" $rule "${1} must ${2}" -}}
{{- $rule = regexReplaceAll "^(items:)?XValidation: \\{.* ([a-z.]+(:| of an) .*?) +<nil>\\}$" $rule "${1} ${2}" -}}
{{- $rule = regexReplaceAll "^Optional: \\{\\}$" $rule "optional" -}}
{{- $rule = regexReplaceAll "^Required: \\{\\}$" $rule "required" -}}
{{- $rule = regexReplaceAll "^items:" $rule "each: " -}}
{{- markdownRenderFieldDoc $rule | replace "each:  " "each: " | trim -}}
{{- end -}}
