-- Asks for a read of the backend now; any new text does.
local os = require("os")

local annotations = obj.metadata.annotations or {}
annotations["secretsync.io/refresh"] = os.date("!%Y-%m-%dT%H:%M:%SZ")
obj.metadata.annotations = annotations
return obj
