-- Forgets a fill and what it wrote.
-- KEYS: entry, fills, body. ARGV: fill id.
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('UNLINK', KEYS[3])
return 1
