-- Nine of ten requests are for one of 100,000 URLs, by Zipf's law; one of ten is for a URL that no other request is for.
-- 70 % of the URLs have 1 KB, 25 % 10 KB and 5 % 100 KB.
local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

function init()
  math.randomseed(number)
  prefix = string.format("%d-%d-", os.time(), number)
  count = 0
end

local function file(place)
  local part = place % 20
  return part == 0 and "/100k.txt?" or part <= 5 and "/10k.txt?" or "/1k.txt?"
end

function request()
  count = count + 1
  if count % 10 == 0 then
    return wrk.format(nil, file(count / 10) .. prefix .. count)
  end
  local place = math.floor(100000 ^ math.random())
  return wrk.format(nil, file(place) .. place)
end
