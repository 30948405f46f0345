-- Health of a SecretSync: its conditions in the words of Argo CD. They follow kstatus, which
-- Argo CD does not read by itself. Needs no library but those that Argo CD always opens.

-- What somebody stopped on purpose while a Secret is served: held by a rollback, suspended, or
-- paused. A sync of several waves waits at what is "Suspended"; write that here if it shall.
local stopped = "Healthy"

local status = obj.status or {}
local conditions = {}
for _, condition in ipairs(status.conditions or {}) do
  conditions[condition.type] = condition
end

local function is_true(name)
  return conditions[name] ~= nil and conditions[name].status == "True"
end

local function answer(health, message)
  -- What does not turn Ready False, so that it blocks nobody's deployment, is told all the same.
  local parts = {message}
  for _, name in ipairs({"Stale", "Drifted", "HistoryDegraded"}) do
    if is_true(name) then
      table.insert(parts, name .. ": " .. conditions[name].message)
    end
  end
  return {status = health, message = table.concat(parts, "; ")}
end

local ready = conditions.Ready
if ready == nil then
  return answer("Progressing", "the operator has not looked at it yet")
end
if is_true("Reconciling") then
  return answer("Progressing", conditions.Reconciling.message)
end
if status.observedGeneration ~= obj.metadata.generation then
  return answer("Progressing", "the operator is at work on the last edit")
end
if ready.reason == "Suspended" or ready.reason == "Paused" then
  return answer(ready.status == "True" and stopped or "Suspended", ready.message)
end
if ready.status == "False" then
  return answer("Degraded", ready.reason .. ": " .. ready.message)
end
if ready.status ~= "True" then
  return answer("Progressing", ready.message)
end
if is_true("RolledBack") then
  return answer(stopped, conditions.RolledBack.message)
end
return answer("Healthy", ready.message)
