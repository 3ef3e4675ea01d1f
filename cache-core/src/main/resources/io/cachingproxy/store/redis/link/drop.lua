-- Deletes a variant that could not be read, unless it was replaced meanwhile; the whole entry if it is none.
-- KEYS: entry. ARGV: the unreadable variant, length of the longest entry.
local header, variants, whole = parsed(KEYS[1], ARGV[2])
if not whole then
  return redis.call('UNLINK', KEYS[1])
end
local kept = {}
for _, variant in ipairs(variants) do
  if variant.rest ~= ARGV[1] then
    kept[#kept + 1] = variant
  end
end
local ttl = redis.call('PTTL', KEYS[1])
redis.call('UNLINK', KEYS[1]) -- first, since a full Redis then accepts the SET
redis.call('SET', KEYS[1], formed(header, kept))
if ttl > 0 then
  redis.call('PEXPIRE', KEYS[1], string.format('%d', ttl))
end
return #variants - #kept
