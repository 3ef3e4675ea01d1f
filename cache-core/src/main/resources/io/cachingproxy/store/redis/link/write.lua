-- Writes one window of a body that is being filled, and keeps the fill alive.
-- KEYS: entry, fills, body. ARGV: fill id, offset, bytes, how long an idle fill lives (ms).
-- Returns 1, or 0 if the fill was cancelled by a removal.
local fill = redis.call('HGET', KEYS[2], ARGV[1])
if not fill then
  redis.call('UNLINK', KEYS[3])
  return 0
end
redis.call('SETRANGE', KEYS[3], ARGV[2], ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[2], ARGV[1], string.sub(fill, 1, 16) .. string.format('%d', now))
for _, key in ipairs(KEYS) do
  if redis.call('PTTL', key) < tonumber(ARGV[4]) then
    redis.call('PEXPIRE', key, ARGV[4])
  end
end
return 1
