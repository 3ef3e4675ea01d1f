-- Reads the purges later than a stamp.
-- ARGV from the fifth on: the stamp.
-- Returns field and value of each.
local since = tonumber(ARGV[5])
local all = redis.call('HGETALL', KEYS[1])
local later = {}
for i = 1, #all, 2 do
  if string.sub(all[i], 1, 2) == 'p:' and (tonumber(string.match(all[i + 1], '^%d+') or 0)) > since then
    later[#later + 1] = all[i]
    later[#later + 1] = all[i + 1]
  end
end
return later
