-- Says when everything was removed last and when something was purged last, and lets a heartbeat run through the
-- channel if the node wants to hear one.
-- KEYS: control. ARGV: channel, heartbeat (empty: none).
-- Returns both stamps in decimal, with a space between; 0 for never.
if ARGV[2] ~= '' then
  redis.call('PUBLISH', ARGV[1], ARGV[2])
end
local kind = redis.call('TYPE', KEYS[1]).ok
if kind ~= 'hash' and kind ~= 'none' then
  redis.call('UNLINK', KEYS[1]) -- not of this cache
end
local stamps = redis.call('HMGET', KEYS[1], 'cleared', 'purged')
return (stamps[1] or '0') .. ' ' .. (stamps[2] or '0')
