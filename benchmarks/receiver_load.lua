-- Posts callbacks of one event each, every one of them new: ids begin with a time, as the provider's do.
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(arguments)
  start = tonumber(arguments[1])
  counter = 0
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json; charset=utf-8"
end

function request()
  counter = counter + 1
  local id = string.format("%013d%02d%014d", start + counter, number, counter)
  local body = '[{"type":"message-delivered","time":"2023-05-04T10:14:03.000Z","description":"ok",' ..
    '"to":"+15550009999","message":{"id":"' .. id .. '","owner":"+15550001111",' ..
    '"applicationId":"0f0e0d0c-0b0a-4a09-8807-060504030201","time":"2023-05-04T10:14:02.000Z","segmentCount":1,' ..
    '"direction":"out","to":["+15550009999"],"from":"+15550001111","text":"","tag":"order-17"}}]'
  return wrk.format(nil, "/", nil, body)
end
