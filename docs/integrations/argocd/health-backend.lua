-- Health of a SecretBackend or ClusterSecretBackend: its conditions in the words of Argo CD.
-- Needs no library but those that Argo CD always opens.

local status = obj.status or {}
local conditions = {}
for _, condition in ipairs(status.conditions or {}) do
  conditions[condition.type] = condition
end

local function answer(health, message)
  return {status = health, message = message}
end

local ready = conditions.Ready
if ready == nil then
  return answer("Progressing", "the operator has not looked at it yet")
end
if status.observedGeneration ~= obj.metadata.generation then
  return answer("Progressing", "the operator is at work on the last edit")
end
local reachable = conditions.Reachable
local outage = reachable ~= nil and reachable.status == "False"
if ready.status == "True" then
  -- An outage blocks nobody's deployment, but it is told.
  if outage then
    return answer("Healthy", "not reachable now: " .. reachable.message)
  end
  return answer("Healthy", ready.message)
end
if outage then
  -- It never answered yet, and may still be starting.
  return answer("Progressing", ready.reason .. ": " .. ready.message)
end
if ready.status == "False" then
  return answer("Degraded", ready.reason .. ": " .. ready.message)
end
return answer("Progressing", ready.message)
