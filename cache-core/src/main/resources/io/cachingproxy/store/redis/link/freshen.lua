-- Puts a validated response in the place of the one with the same body, if that is still there, and tells the nodes.
-- KEYS: entry, fills, body. ARGV: body id, response, length of the body apart (-1: inline), TTL (ms), length of the
-- longest entry, channel, message.
-- Returns 1, or 0 if it is gone.
local header, variants = parsed(KEYS[1], ARGV[5])
local apart = tonumber(ARGV[3])
local kept = {}
for _, variant in ipairs(variants) do
  if variant.id == ARGV[1] then
    table.insert(kept, 1, {rest = variant.digest .. variant.begun .. variant.id .. ARGV[2]})
  else
    kept[#kept + 1] = variant
  end
end
if #kept == 0 or string.sub(kept[1].rest, 49, 80) ~= ARGV[1] then
  return 0
end
local entry = formed(header, kept)
if #entry > tonumber(ARGV[5]) or (apart >= 0 and redis.call('STRLEN', KEYS[3]) ~= apart) then
  return 0
end
local ttl = math.max(redis.call('PTTL', KEYS[1]), tonumber(ARGV[4]))
redis.call('PEXPIRE', KEYS[1], string.format('%d', ttl)) -- first, since a full Redis then accepts the SET
redis.call('SET', KEYS[1], entry, 'PX', string.format('%d', ttl))
if apart >= 0 and redis.call('PTTL', KEYS[3]) < tonumber(ARGV[4]) then
  redis.call('PEXPIRE', KEYS[3], ARGV[4])
end
redis.call('PUBLISH', ARGV[6], ARGV[7])
return 1
