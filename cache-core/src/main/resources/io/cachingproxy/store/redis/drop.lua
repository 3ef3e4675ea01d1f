-- Deletes a variant that could not be read, unless it was replaced meanwhile; the whole entry if it is no hash.
-- KEYS: entry. ARGV: variant field, the unreadable value.
if redis.call('TYPE', KEYS[1]).ok ~= 'hash' then
  return redis.call('UNLINK', KEYS[1])
end
if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then
  return redis.call('HDEL', KEYS[1], ARGV[1])
end
return 0
