-- Makes a filled response visible, in place of the variant with the same selection, and tells the nodes.
-- Refuses if the fill is no longer registered (removed, cleared, expired), or if a younger one was faster.
-- KEYS: entry, fills, body. ARGV: fill id, digest of the selection, response, length of the body apart (-1: inline),
-- TTL (ms), most variants, length of the longest entry, TTL of a body that was replaced (ms), channel, message.
-- Returns 1, or 0 if refused.
local fill = redis.call('HGET', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
local apart = tonumber(ARGV[4])
local room = ARGV[7] - 32 - 84 - #ARGV[3]
if not fill or room < 0 or (apart >= 0 and redis.call('STRLEN', KEYS[3]) ~= apart) then
  redis.call('UNLINK', KEYS[3])
  return 0
end
local begun = string.sub(fill, 1, 16)
local header, variants = parsed(KEYS[1], ARGV[7])
local kept = {{rest = ARGV[2] .. begun .. ARGV[1] .. ARGV[3]}}
local retired = {}
for _, variant in ipairs(variants) do
  room = room - 4 - #variant.rest
  if variant.digest == ARGV[2] then
    if variant.begun > begun then
      redis.call('UNLINK', KEYS[3])
      return 0
    end
    room = room + 4 + #variant.rest
    retired[#retired + 1] = variant
  elseif #kept < tonumber(ARGV[6]) and room >= 0 then
    kept[#kept + 1] = variant
  else
    retired[#retired + 1] = variant
  end
end
local bodies = string.sub(KEYS[3], 1, -33)
for _, variant in ipairs(retired) do
  redis.call('PEXPIRE', bodies .. variant.id, ARGV[8])
end
local ttl = math.max(redis.call('PTTL', KEYS[1]), tonumber(ARGV[5]))
redis.call('SET', KEYS[1], formed(header, kept), 'PX', string.format('%d', ttl))
if apart >= 0 then
  redis.call('PEXPIRE', KEYS[3], ARGV[5])
end
redis.call('PUBLISH', ARGV[9], ARGV[10])
return 1
