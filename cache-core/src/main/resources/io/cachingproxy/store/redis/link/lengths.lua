-- Sees whether bodies are there.
-- KEYS: bodies. ARGV: the length of each.
-- Returns 1 if all have their length, else 0.
for i, key in ipairs(KEYS) do
  if redis.call('TYPE', key).ok ~= 'string' or redis.call('STRLEN', key) ~= tonumber(ARGV[i]) then
    return 0
  end
end
return 1
