-- Says when everything was removed last, when something was purged last and when the control hash was found to have
-- lost writes last, and sends a heartbeat through the channel if the node asks for one.
-- ARGV from the fifth on: heartbeat (empty: none).
-- Returns the three stamps in decimal, with spaces between; 0 for never.
if ARGV[5] ~= '' then
  redis.call('PUBLISH', ARGV[3], ARGV[5])
end
local stamps = redis.call('HMGET', KEYS[1], 'cleared', 'purged', 'lost')
return (stamps[1] or '0') .. ' ' .. (stamps[2] or '0') .. ' ' .. (stamps[3] or '0')
