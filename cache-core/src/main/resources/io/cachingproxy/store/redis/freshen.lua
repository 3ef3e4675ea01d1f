-- Puts a validated response in the place of the one with the same body, if that is still there, and tells the nodes.
-- KEYS: entry, body. ARGV: body id, variant field, response, length of the body apart (-1: inline), TTL (ms),
-- channel, message.
-- Returns 1, or 0 if it is gone.
local old = redis.call('HGET', KEYS[1], ARGV[2])
local apart = tonumber(ARGV[4])
if not old or string.sub(old, 33, 64) ~= ARGV[1] then
  return 0
end
if apart >= 0 and redis.call('STRLEN', KEYS[2]) ~= apart then
  return 0
end
local stored = string.format('%016d', redis.call('HINCRBY', KEYS[1], 'n', 1))
redis.call('HSET', KEYS[1], ARGV[2], stored .. string.sub(old, 17, 64) .. ARGV[3])
if apart >= 0 and redis.call('PTTL', KEYS[2]) < tonumber(ARGV[5]) then
  redis.call('PEXPIRE', KEYS[2], ARGV[5])
end
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[5]) then
  redis.call('PEXPIRE', KEYS[1], ARGV[5])
end
redis.call('PUBLISH', ARGV[6], ARGV[7])
return 1
