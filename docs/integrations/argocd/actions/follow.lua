-- Ends a hold: the newest state is served again, and those to come. The time tells the operator
-- that a person ended it, and not a tool that knows nothing of the annotation.
local os = require("os")

local annotations = obj.metadata.annotations or {}
annotations["secretsync.io/rollback-to"] = nil
annotations["secretsync.io/rollback-group"] = nil
annotations["secretsync.io/released"] = os.date("!%Y-%m-%dT%H:%M:%SZ")
obj.metadata.annotations = annotations
return obj
