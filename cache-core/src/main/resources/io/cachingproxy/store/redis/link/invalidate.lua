-- Removes an entry with all its variants and the fills under way, leaves a tombstone, and tells the nodes. Bodies
-- stay a little for those who are reading them.
-- KEYS: entry, fills. ARGV: prefix of body keys, stamp of the removal, TTL of the tombstone (ms), TTL of the bodies
-- (ms), length of the longest entry, channel, message.
local header, variants = parsed(KEYS[1], ARGV[5])
for _, variant in ipairs(variants) do
  redis.call('PEXPIRE', ARGV[1] .. variant.id, ARGV[4])
end
local stamp = math.max(tonumber(string.sub(header, 1, 16)) or 0, tonumber(ARGV[2]))
redis.call('UNLINK', KEYS[1], KEYS[2])
redis.call('SET', KEYS[1], string.format('%016.0f', stamp) .. string.rep('0', 16), 'PX', ARGV[3])
redis.call('PUBLISH', ARGV[6], ARGV[7])
return 1
