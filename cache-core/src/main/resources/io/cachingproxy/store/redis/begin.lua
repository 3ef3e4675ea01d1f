-- Registers a fill with the entry. Refuses if the entry was removed after what the node knew when the fill began.
-- KEYS: entry. ARGV: fill id, stamp known to the node, how long an idle fill lives (ms).
-- Returns 1, or 0 if refused.
local removed = redis.call('HGET', KEYS[1], 't')
if removed and tonumber(removed) > tonumber(ARGV[2]) then
  return 0
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if redis.call('HLEN', KEYS[1]) > 128 then
  -- Fills whose node died are forgotten.
  local all = redis.call('HGETALL', KEYS[1])
  for i = 1, #all, 2 do
    if string.sub(all[i], 1, 2) == 'f:' and tonumber(string.sub(all[i + 1], 17)) + ARGV[3] < now then
      redis.call('HDEL', KEYS[1], all[i])
    end
  end
end
local begun = redis.call('HINCRBY', KEYS[1], 'n', 1)
redis.call('HSET', KEYS[1], 'f:' .. ARGV[1], string.format('%016d%d', begun, now))
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[3]) then
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
return 1
