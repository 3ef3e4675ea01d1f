-- Takes up a little memory and gives it back: fails if a full Redis refuses it.
-- KEYS: fills.
redis.call('HSET', KEYS[1], 'room', '1')
redis.call('HDEL', KEYS[1], 'room')
return 1
