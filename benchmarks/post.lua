-- What wrk posts: messages to a hundred recipients in turn, and at the end one line of JSON that says what came of it.
-- Arguments: path, application id, sender, value of the header authorization.

local requests, turn, refused = {}, 0, 0

function init(arguments)
  local path, application, sender, authorization = unpack(arguments)
  local headers = { ["Content-Type"] = "application/json", ["Authorization"] = authorization }
  for number = 1, 100 do
    local body = string.format(
      '{"from":"%s","to":["+1919555%04d"],"text":"Your table is ready, number %d. See you soon!",'
        .. '"applicationId":"%s","tag":"order-%d"}',
      sender, 99 + number, number, application, number)
    requests[number] = wrk.format("POST", path, headers, body)
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    '{"answered":%d,"seconds":%.6f,"refused":%d,"broken":%d,"median_milliseconds":%.3f,"p99_milliseconds":%.3f}\n',
    summary.requests, summary.duration / 1e6, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
