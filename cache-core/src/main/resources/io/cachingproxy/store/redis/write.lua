-- Writes one window of a body that is being filled, and keeps the fill alive.
-- KEYS: entry, body. ARGV: fill id, offset, bytes, how long an idle fill lives (ms).
-- Returns 1, or 0 if the fill was cancelled by a removal.
local fill = redis.call('HGET', KEYS[1], 'f:' .. ARGV[1])
if not fill then
  redis.call('UNLINK', KEYS[2])
  return 0
end
redis.call('SETRANGE', KEYS[2], ARGV[2], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[1], 'f:' .. ARGV[1], string.sub(fill, 1, 16) .. string.format('%d', now))
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[4]) then
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
end
return 1
