-- Says when everything was removed last, when something was purged last, when the control hash was found to have lost
-- writes last and what time it is, and sends a heartbeat through the channel if the node asks for one.
-- ARGV from the fifth on: heartbeat, to which the time is appended (empty: none).
-- Returns the three stamps and the time in microseconds, in decimal, with spaces between; 0 for never.
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000000 + time[2])
if ARGV[5] ~= '' then
  redis.call('PUBLISH', ARGV[3], ARGV[5] .. now)
end
local stamps = redis.call('HMGET', KEYS[1], 'cleared', 'purged', 'lost')
return (stamps[1] or '0') .. ' ' .. (stamps[2] or '0') .. ' ' .. (stamps[3] or '0') .. ' ' .. now
