-- Serves the revision that was served last before the one that is, and holds it. Its number is
-- written, not "previous", so that the annotation says what it means.

local status = obj.status or {}

local function previous()
  for _, served in ipairs(status.served or {}) do
    if served.revision ~= status.servingRevision then
      for _, kept in ipairs(status.history or {}) do
        if kept.revision == served.revision then
          return served.revision
        end
      end
      error("revision " .. tostring(served.revision) .. ", which was served before, is not kept any more", 0)
    end
  end
  error("no other revision was served before", 0)
end

local annotations = obj.metadata.annotations or {}
annotations["secretsync.io/rollback-to"] = tostring(previous())
annotations["secretsync.io/rollback-group"] = nil
annotations["secretsync.io/released"] = nil
obj.metadata.annotations = annotations
return obj
