-- No two requests have the same query: each is a miss that is stored.
local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

function init()
  prefix = string.format("%s?%d-%d-", wrk.path, os.time(), number)
  count = 0
end

function request()
  count = count + 1
  return wrk.format(nil, prefix .. count)
end
