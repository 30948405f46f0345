-- The actions of a SecretSync; one that would do nothing is there, and disabled.

local annotations = obj.metadata.annotations or {}
local status = obj.status or {}

-- The revision that was served last before the one that is, if it is still kept.
local function previous()
  for _, served in ipairs(status.served or {}) do
    if served.revision ~= status.servingRevision then
      for _, kept in ipairs(status.history or {}) do
        if kept.revision == served.revision then
          return served.revision
        end
      end
      return nil
    end
  end
  return nil
end

-- Whether Git itself says what to hold: what an action changed there, the next sync would undo.
local function held_from_git()
  for _, entry in ipairs(obj.metadata.managedFields or {}) do
    local metadata = (entry.fieldsV1 or {})["f:metadata"] or {}
    local owned = metadata["f:annotations"] or {}
    if entry.manager == "argocd-controller" and owned["f:secretsync.io/rollback-to"] ~= nil then
      return true
    end
  end
  return false
end

local asleep = obj.spec.suspend == true
local fixed = asleep or held_from_git()
local revision = previous()
local back = "Roll back to the previous revision"
if revision ~= nil then
  back = "Roll back to revision " .. tostring(revision)
end

return {
  ["rollback-previous"] = {
    disabled = fixed or revision == nil,
    displayName = back,
    iconClass = "fa fa-fw fa-undo",
  },
  ["follow"] = {
    disabled = fixed or (annotations["secretsync.io/rollback-to"] or "") == "",
    displayName = "Follow the backend again",
    iconClass = "fa fa-fw fa-forward",
  },
  ["refresh"] = {
    disabled = asleep,
    displayName = "Read the backend now",
    iconClass = "fa fa-fw fa-sync",
  },
}
