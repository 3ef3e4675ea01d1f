-- Takes a stamp, as stamp.lua does, notes that everything stored before it is removed, and tells the nodes. The
-- entries themselves are swept afterwards.
-- KEYS: control. ARGV: TTL of the control key (ms), channel, message to which the stamp is appended.
-- Returns the stamp in decimal.
local time = redis.call('TIME')
local stamp = time[1] * 1000000 + time[2]
local last = tonumber(redis.call('HGET', KEYS[1], 'stamp') or 0)
if stamp <= last then
  stamp = last + 1
end
local text = string.format('%.0f', stamp)
redis.call('HSET', KEYS[1], 'stamp', text, 'cleared', text)
redis.call('PEXPIRE', KEYS[1], ARGV[1])
redis.call('PUBLISH', ARGV[2], ARGV[3] .. text)
return text
