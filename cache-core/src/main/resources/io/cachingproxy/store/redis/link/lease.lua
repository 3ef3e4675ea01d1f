-- Takes the lease to fill a key, if nobody has it.
-- KEYS: lease. ARGV: token, duration (ms).
-- Returns 0 if it is taken now, else for how many ms another node has it.
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
  return 0
end
return math.max(redis.call('PTTL', KEYS[1]), 1)
