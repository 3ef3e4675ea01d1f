-- Reads an entry without its bodies, for operators.
-- KEYS: entry. ARGV: length of the longest entry, length of a window of a body, most bytes of the result.
-- Returns for each variant the stamp (8 bytes), the length of its body in decimal, and the response; see EntryCodec.
local header, variants = parsed(KEYS[1], ARGV[1])
local heads = {}
local length = 0
for _, variant in ipairs(variants) do
  local bytes = string.sub(variant.rest, 81)
  local at = 65
  local body = -1
  if #bytes >= 64 and struct.unpack('>I4', bytes, 9) == 32 then
    if struct.unpack('>I4', bytes, 53) == 0 then
      body = struct.unpack('>I4', bytes, 57)
      at = 61 + body
    else
      body = struct.unpack('>I4', bytes, 57) * 4294967296 + struct.unpack('>I4', bytes, 61)
      at = 65 + 4 * math.ceil(body / ARGV[2])
    end
  end
  if body >= 0 and at < #bytes - 4 then
    local response = string.sub(bytes, at, -5) -- without the checksum
    length = length + #response
    if length > tonumber(ARGV[3]) then
      break
    end
    heads[#heads + 1] = string.sub(bytes, 45, 52)
    heads[#heads + 1] = string.format('%.0f', body)
    heads[#heads + 1] = response
  end
end
return heads
