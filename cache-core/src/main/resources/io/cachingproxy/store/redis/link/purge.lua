-- Adds a purge to the list that every hit is compared with, and tells the nodes. When the list is full, purges that are
-- older than every entry are forgotten; if that does not make room, its older half is folded into one purge of each
-- origin that it concerns: everything that this origin stored before is removed.
-- ARGV from the fifth on: field of the purge, what stands in it after the stamp, most purges, longest life of an entry
-- (ms), message to which the stamp is appended.
-- Returns the stamp, and that of the purge before (0: none), in decimal with a space between.
local text = stamped()
local before = redis.call('HGET', KEYS[1], 'purged') or '0'
redis.call('HSET', KEYS[1], 'purged', text, ARGV[5], text .. ' ' .. ARGV[6])
local most = tonumber(ARGV[7])
if redis.call('HLEN', KEYS[1]) > most + 1029 then -- what else is in the hash: 1024 stamps by remainder, and five
  local oldest = tonumber(text) - ARGV[8] * 1000
  local all = redis.call('HGETALL', KEYS[1])
  local purges = {}
  for i = 1, #all, 2 do
    if string.sub(all[i], 1, 2) == 'p:' then
      local stamp = tonumber(string.match(all[i + 1], '^%d+') or 0)
      if stamp < oldest then
        redis.call('HDEL', KEYS[1], all[i])
      else
        purges[#purges + 1] = {all[i], stamp, string.match(all[i + 1], '^%d+ %S+ (%x+)$')}
      end
    end
  end
  if #purges > most then
    table.sort(purges, function(a, b) return a[2] < b[2] end)
    local floor = number('cleared')
    local wider = {} -- the latest stamp by the field of all of an origin
    local origins = 0
    for i = 1, math.floor(#purges / 2) do
      local hex = purges[i][3]
      if hex and (wider[hex] or origins < most / 4) then
        origins = origins + (wider[hex] and 0 or 1)
        wider[hex] = purges[i][2]
      else
        floor = math.max(floor, purges[i][2])
      end
      redis.call('HDEL', KEYS[1], purges[i][1])
    end
    for hex, stamp in pairs(wider) do
      local field = string.gsub(hex, '%x%x', function(digits) return string.char(tonumber(digits, 16)) end)
      local younger = tonumber(string.match(redis.call('HGET', KEYS[1], field) or '', '^%d+') or 0)
      redis.call('HSET', KEYS[1], field, string.format('%.0f - %s', math.max(stamp, younger), hex))
    end
    redis.call('HSET', KEYS[1], 'cleared', string.format('%.0f', floor))
  end
end
redis.call('PUBLISH', ARGV[3], ARGV[9] .. text)
return text .. ' ' .. before
