-- Says when everything was removed last, and lets a heartbeat run through the channel if the node wants to hear one.
-- KEYS: control. ARGV: channel, heartbeat (empty: none).
-- Returns the stamp of the last clearing in decimal; 0 if there was none.
if ARGV[2] ~= '' then
  redis.call('PUBLISH', ARGV[1], ARGV[2])
end
return redis.call('HGET', KEYS[1], 'cleared') or '0'
