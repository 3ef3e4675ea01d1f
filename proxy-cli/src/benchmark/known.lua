-- Each request is for one of the first so many queries: wrk … -- COUNT. With "fill" after it, for each of them once first.
local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

function init(args)
  count, filling, turn = tonumber(args[1]), args[2] == "fill", number
  math.randomseed(number)
end

function request()
  local query = filling and turn <= count and turn or math.random(count)
  turn = turn + 2 -- the threads are two
  return wrk.format(nil, wrk.path .. "?" .. query)
end
