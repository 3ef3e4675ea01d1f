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
redis.call('SET', KEYS[1], formed(header, kept), 'KEEPTTL')
return #variants - #kept
