-- Registers a fill with the entry. Refuses if the entry was removed after what the node knew when the fill began.
-- KEYS: entry, fills. ARGV: fill id, stamp known to the node, how long an idle fill lives (ms).
-- Returns 1, or 0 if refused.
local header = redis.call('GETRANGE', KEYS[1], 0, 31)
if (tonumber(string.sub(header, 1, 16)) or 0) > tonumber(ARGV[2]) then
  return 0
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if redis.call('HLEN', KEYS[2]) > 128 then
  -- Fills whose node died are forgotten.
  local all = redis.call('HGETALL', KEYS[2])
  for i = 1, #all, 2 do
    if tonumber(string.sub(all[i + 1], 17)) + ARGV[3] < now then
      redis.call('HDEL', KEYS[2], all[i])
    end
  end
end
local begun = string.format('%016d', (tonumber(string.sub(header, 17)) or 0) + 1)
if #header < 32 then
  redis.call('SET', KEYS[1], string.rep('0', 16) .. begun)
else
  redis.call('SETRANGE', KEYS[1], 16, begun)
end
redis.call('HSET', KEYS[2], ARGV[1], begun .. string.format('%d', now))
for _, key in ipairs(KEYS) do
  if redis.call('PTTL', key) < tonumber(ARGV[3]) then
    redis.call('PEXPIRE', key, ARGV[3])
  end
end
return 1
