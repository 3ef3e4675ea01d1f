-- Lists the nodes that share the prefix, after one of them has announced or removed itself.
-- KEYS: nodes. ARGV: id of the node, what it announces (empty: it leaves), how long a node is listed after its latest
-- announcement (ms), most nodes, channel, message (empty: none).
-- Returns the time (ms), then the id of each node, and the time of its announcement (ms) with what it announced behind a
-- space.
local kind = redis.call('TYPE', KEYS[1]).ok
if kind ~= 'hash' and kind ~= 'none' then
  redis.call('UNLINK', KEYS[1]) -- not of this cache
end
redis.call('PEXPIRE', KEYS[1], ARGV[3]) -- first, since a full Redis then accepts the HSET
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if ARGV[2] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
elseif redis.call('HLEN', KEYS[1]) < tonumber(ARGV[4]) or redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then
  redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', now) .. ' ' .. ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
local all = redis.call('HGETALL', KEYS[1])
local listed = {string.format('%.0f', now)}
for i = 1, #all, 2 do
  local seen = tonumber(string.match(all[i + 1], '^%d+') or 0)
  if seen + ARGV[3] < now then
    redis.call('HDEL', KEYS[1], all[i])
  else
    listed[#listed + 1] = all[i]
    listed[#listed + 1] = all[i + 1]
  end
end
if ARGV[6] ~= '' then
  redis.call('PUBLISH', ARGV[5], ARGV[6])
end
return listed
