-- Makes a filled response visible, in place of the variant with the same selection, and tells the nodes.
-- Refuses if the fill is no longer registered (removed, cleared, expired), or if a younger one was faster.
-- KEYS: entry, body. ARGV: fill id, variant field, response, length of the body apart (-1: inline), TTL (ms),
-- most variants, TTL of a body that was replaced (ms), channel, message.
-- Returns 1, or 0 if refused.
local fill = redis.call('HGET', KEYS[1], 'f:' .. ARGV[1])
if not fill then
  redis.call('UNLINK', KEYS[2])
  return 0
end
local begun = string.sub(fill, 1, 16)
redis.call('HDEL', KEYS[1], 'f:' .. ARGV[1])
local old = redis.call('HGET', KEYS[1], ARGV[2])
local apart = tonumber(ARGV[4])
if (old and string.sub(old, 17, 32) > begun) or (apart >= 0 and redis.call('STRLEN', KEYS[2]) ~= apart) then
  redis.call('UNLINK', KEYS[2])
  return 0
end
local bodies = string.sub(KEYS[2], 1, -33)
local function retire(variant)
  redis.call('PEXPIRE', bodies .. string.sub(variant, 33, 64), ARGV[7])
end
if old then
  retire(old)
end
local stored = string.format('%016d', redis.call('HINCRBY', KEYS[1], 'n', 1))
redis.call('HSET', KEYS[1], ARGV[2], stored .. begun .. ARGV[1] .. ARGV[3])
if apart >= 0 then
  redis.call('PEXPIRE', KEYS[2], ARGV[5])
end
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[5]) then
  redis.call('PEXPIRE', KEYS[1], ARGV[5])
end
if redis.call('HLEN', KEYS[1]) > tonumber(ARGV[6]) then
  local all = redis.call('HGETALL', KEYS[1])
  local variants = {}
  for i = 1, #all, 2 do
    if string.sub(all[i], 1, 2) == 'v:' then
      variants[#variants + 1] = {all[i], all[i + 1]}
    end
  end
  table.sort(variants, function(a, b) return string.sub(a[2], 1, 16) > string.sub(b[2], 1, 16) end)
  for i = tonumber(ARGV[6]) + 1, #variants do
    retire(variants[i][2])
    redis.call('HDEL', KEYS[1], variants[i][1])
  end
end
redis.call('PUBLISH', ARGV[8], ARGV[9])
return 1
