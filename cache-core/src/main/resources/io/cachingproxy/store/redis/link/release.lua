-- Gives a lease back, if it is still the same, and tells those who wait.
-- KEYS: lease. ARGV: token, channel, message.
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('UNLINK', KEYS[1])
  redis.call('PUBLISH', ARGV[2], ARGV[3])
end
return 1
