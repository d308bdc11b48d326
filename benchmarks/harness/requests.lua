-- What wrk sends, and what it tells at the end.
--
--   wrk ... ADDRESS -- FILE FIRST [verify]
--
-- FILE holds requests as requests.mjs writes them; they are sent from the one with number FIRST on, round and round.
-- With 'verify' every answer is read: an answer that is not 200, that holds errors, or that is not compressed although
-- that was asked for, is counted as wrong. Reading costs wrk more than all else it does, and would be measured too:
-- so answers are verified in the warm-up, and counted by their status when it matters.

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(arguments)
  local lines = io.lines(arguments[1])
  local head = {}
  for part in (lines() .. "\t"):gmatch("(.-)\t") do
    table.insert(head, part)
  end
  local method, path = head[1], head[2]
  for place = 3, #head do
    local name, value = head[place]:match("^(.-): (.*)$")
    wrk.headers[name] = value
  end
  requests = {}
  for line in lines do
    if method == "GET" then
      table.insert(requests, wrk.format(method, line))
    else
      table.insert(requests, wrk.format(method, path, nil, line))
    end
  end
  place = tonumber(arguments[2]) % #requests
  wrong = 0
  example = ""
  if arguments[3] == "verify" then
    local compressed = wrk.headers["accept-encoding"]
    response = function(status, headers, body)
      local good = status == 200
      if compressed then
        good = good and (headers["content-encoding"] or headers["Content-Encoding"]) == compressed
      else
        good = good and #body > 0 and not body:find('"errors"', 1, true)
      end
      if not good then
        wrong = wrong + 1
        example = status .. " " .. body:sub(1, 300)
      end
    end
  end
end

function request()
  place = place % #requests + 1
  return requests[place]
end

function done(summary, latency)
  local wrong, example = 0, ""
  for _, thread in ipairs(threads) do
    wrong = wrong + thread:get("wrong")
    if thread:get("example") ~= "" then
      example = thread:get("example")
    end
  end
  local errors = summary.errors
  -- Times are in microseconds.
  io.write(string.format(
    "figures requests=%d seconds=%.6f bytes=%d median=%d p99=%d refused=%d broken=%d wrong=%d\n",
    summary.requests, summary.duration / 1e6, summary.bytes, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout, wrong
  ))
  if example ~= "" then
    io.write("example ", (example:gsub("%c", " ")), "\n")
  end
end
