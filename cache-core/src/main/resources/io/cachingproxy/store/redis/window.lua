-- Reads a window of a body.
-- KEYS: body. ARGV: first byte, last byte.
return redis.call('GETRANGE', KEYS[1], ARGV[1], ARGV[2])
