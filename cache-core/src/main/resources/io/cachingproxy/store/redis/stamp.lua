-- Takes a stamp: larger than every stamp before, also after the counter was lost, for it follows the server's clock
-- (microseconds) as long as that goes forward.
-- KEYS: control. ARGV: TTL of the counter (ms).
-- Returns the stamp in decimal.
local time = redis.call('TIME')
local stamp = time[1] * 1000000 + time[2]
local last = tonumber(redis.call('HGET', KEYS[1], 'stamp') or 0)
if stamp <= last then
  stamp = last + 1
end
local text = string.format('%.0f', stamp)
redis.call('HSET', KEYS[1], 'stamp', text)
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return text
