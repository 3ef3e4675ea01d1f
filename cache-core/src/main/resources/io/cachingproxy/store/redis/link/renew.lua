-- Prolongs a lease, if it is still the same.
-- KEYS: lease. ARGV: token, duration (ms).
-- Returns 1, or 0 if it ran out or is another's.
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 0
