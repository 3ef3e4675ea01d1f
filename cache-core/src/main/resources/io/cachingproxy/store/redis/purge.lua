-- Adds a purge to the list that every hit is compared with, and tells the nodes. When the list is full, its older half
-- is folded into one: everything stored before is removed.
-- KEYS: control. ARGV: field of the purge, what stands in it after the stamp, TTL of the control key (ms), most
-- fields, channel, message to which the stamp is appended.
-- Returns the stamp, and that of the purge before (0: none), in decimal with a space between.
local time = redis.call('TIME')
local stamp = time[1] * 1000000 + time[2]
local last = tonumber(redis.call('HGET', KEYS[1], 'stamp') or 0)
if stamp <= last then
  stamp = last + 1
end
local text = string.format('%.0f', stamp)
local before = redis.call('HGET', KEYS[1], 'purged') or '0'
redis.call('HSET', KEYS[1], 'stamp', text, 'purged', text, ARGV[1], text .. ' ' .. ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
if redis.call('HLEN', KEYS[1]) > tonumber(ARGV[4]) then
  local all = redis.call('HGETALL', KEYS[1])
  local purges = {}
  for i = 1, #all, 2 do
    if string.sub(all[i], 1, 2) == 'p:' then
      purges[#purges + 1] = {all[i], tonumber(string.match(all[i + 1], '^%d+') or 0)}
    end
  end
  table.sort(purges, function(a, b) return a[2] < b[2] end)
  local cleared = tonumber(redis.call('HGET', KEYS[1], 'cleared') or 0)
  for i = 1, math.floor(#purges / 2) do
    cleared = math.max(cleared, purges[i][2])
    redis.call('HDEL', KEYS[1], purges[i][1])
  end
  redis.call('HSET', KEYS[1], 'cleared', string.format('%.0f', cleared))
end
redis.call('PUBLISH', ARGV[5], ARGV[6] .. text)
return text .. ' ' .. before
