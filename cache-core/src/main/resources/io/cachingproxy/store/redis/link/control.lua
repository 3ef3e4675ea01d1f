-- The control hash: 'stamp', the latest stamp; 's:N', the latest stamp whose remainder by 1024 is N; 'cleared', the
-- stamp at which everything was removed last; 'purged', that of the latest purge; 'lost', that at which the hash was
-- found to have lost writes last; and a field 'p:...' for each purge.
-- KEYS: control. ARGV of every step: latest stamp that the node knows, TTL of the hash (ms), channel, message of a
-- clear to which its stamp is appended.
local known = tonumber(ARGV[1])

local kind = redis.call('TYPE', KEYS[1]).ok
if kind ~= 'hash' and kind ~= 'none' then
  redis.call('UNLINK', KEYS[1]) -- not of this cache
end

local function number(field)
  return tonumber(redis.call('HGET', KEYS[1], field) or 0) or 0
end

-- Gives out a stamp in decimal: larger than every stamp before, and than all that the node knows, for it follows the
-- server's clock (microseconds) as long as that goes forward. PEXPIRE comes first because a full Redis accepts further
-- writes only after a command that needs no memory.
local function stamped()
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  local time = redis.call('TIME')
  local stamp = math.max(time[1] * 1000000 + time[2], number('stamp') + 1, known + 1)
  local text = string.format('%.0f', stamp)
  redis.call('HSET', KEYS[1], 'stamp', text, string.format('s:%.0f', stamp % 1024), text)
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return text
end

local function cleared(text)
  redis.call('HSET', KEYS[1], 'cleared', text)
  redis.call('PUBLISH', ARGV[3], ARGV[4] .. text)
end

-- If the hash is missing (evicted, flushed) or lacks a stamp that the node knows (an older snapshot, a failover that
-- lost writes), purges may be missing too: everything stored so far counts as removed. Once for all nodes: what a node
-- knows from before that makes no difference any more.
local latest = number('stamp')
local lacks = latest < known or number(string.format('s:%.0f', known % 1024)) < known
if latest == 0 or lacks and number('cleared') < known then
  local text = stamped()
  redis.call('HSET', KEYS[1], 'lost', text)
  cleared(text)
elseif redis.call('PTTL', KEYS[1]) < ARGV[2] / 2 then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
