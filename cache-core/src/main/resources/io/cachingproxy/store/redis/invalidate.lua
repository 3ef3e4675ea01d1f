-- Removes an entry with all its variants and the fills under way, leaves a tombstone, and tells the nodes. Bodies
-- stay a little for those who are reading them.
-- KEYS: entry. ARGV: prefix of body keys, stamp of the removal, TTL of the tombstone (ms), TTL of the bodies (ms),
-- channel, message.
if redis.call('TYPE', KEYS[1]).ok == 'hash' then
  local all = redis.call('HGETALL', KEYS[1])
  for i = 1, #all, 2 do
    if string.sub(all[i], 1, 2) == 'v:' then
      redis.call('PEXPIRE', ARGV[1] .. string.sub(all[i + 1], 33, 64), ARGV[4])
    end
  end
  local before = redis.call('HGET', KEYS[1], 't')
  if before and tonumber(before) > tonumber(ARGV[2]) then
    ARGV[2] = before
  end
end
redis.call('UNLINK', KEYS[1])
redis.call('HSET', KEYS[1], 't', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PUBLISH', ARGV[5], ARGV[6])
return 1
