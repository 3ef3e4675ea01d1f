-- Forgets a fill and what it wrote.
-- KEYS: entry, body. ARGV: fill id.
redis.call('HDEL', KEYS[1], 'f:' .. ARGV[1])
redis.call('UNLINK', KEYS[2])
return 1
