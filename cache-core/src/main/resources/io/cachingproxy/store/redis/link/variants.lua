-- The entry of a cache key: 16 digits of the stamp of the last removal, 16 of the number of the latest fill, and the
-- variants, newest first. Each is the length of the rest (4 bytes, big-endian), the digest of its selection
-- (32 characters), the number of its fill (16), the id of its body (32), and the response.
local NOTHING = string.rep('0', 32)

-- Returns the header of the entry, its variants, and whether it is well-formed; another key in its place is nothing.
local function parsed(key, longest)
  if redis.call('TYPE', key).ok ~= 'string' or redis.call('STRLEN', key) > tonumber(longest) then
    return NOTHING, {}, false
  end
  local entry = redis.call('GET', key)
  local variants = {}
  local at = 33
  while at + 84 <= #entry + 1 do
    local last = at + 3 + struct.unpack('>I4', entry, at)
    if last > #entry or last < at + 83 then
      break
    end
    variants[#variants + 1] = {
      digest = string.sub(entry, at + 4, at + 35),
      begun = string.sub(entry, at + 36, at + 51),
      id = string.sub(entry, at + 52, at + 83),
      rest = string.sub(entry, at + 4, last)
    }
    at = last + 1
  end
  return string.sub(entry, 1, 32), variants, at == #entry + 1
end

local function formed(header, variants)
  local parts = {header}
  for _, variant in ipairs(variants) do
    parts[#parts + 1] = struct.pack('>I4', #variant.rest) .. variant.rest
  end
  return table.concat(parts)
end
