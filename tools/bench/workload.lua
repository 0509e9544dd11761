-- What wrk sends: one of the workloads of bench.py. Arguments: the workload, the queue, and the
-- size of a message's body in bytes. Prints one line of figures that bench.py reads.

local base, client_headers, step

local workloads = {}

function workloads.post(size)
  local body = '{"messages": [{"ttl": 3600, "body": "' .. string.rep("x", size - 2) .. '"}]}'
  local one = wrk.format("POST", base .. "/messages", client_headers, body)
  return function() return one end
end

function workloads.list()
  local one = wrk.format("GET", base .. "/messages?limit=10&echo=true", client_headers)
  return function() return one end
end

-- Post ten, claim ten, delete ten by their ids, so that the queue neither grows nor runs dry.
-- The thread's connections share the turns and the ids.
function workloads.claim(size)
  local message = '{"ttl": 3600, "body": "' .. string.rep("x", size - 2) .. '"}'
  local post = wrk.format("POST", base .. "/messages", client_headers,
                          '{"messages": [' .. message .. string.rep(", " .. message, 9) .. ']}')
  local claim = wrk.format("POST", base .. "/claims?limit=10", client_headers, '{"ttl": 300, "grace": 60}')
  local claimed, turn = {}, 0

  function response(status, _, body)
    if status ~= 201 then return end
    local ids = {}
    for id in body:gmatch('"id": ?"([^"]+)"') do ids[#ids + 1] = id end
    if #ids > 0 then claimed[#claimed + 1] = table.concat(ids, ",") end
  end

  return function()
    if #claimed > 0 then
      return wrk.format("DELETE", base .. "/messages?ids=" .. table.remove(claimed), client_headers)
    end
    turn = turn + 1
    return turn % 2 == 1 and post or claim
  end
end

function init(arguments)
  base = "/v2/queues/" .. arguments[2]
  client_headers = {
    ["Client-ID"] = "3381af92-2b9e-11e3-b191-71861300734c",
    ["X-Project-Id"] = "bench",
    ["Content-Type"] = "application/json",
  }
  step = workloads[arguments[1]](tonumber(arguments[3]))
end

function request() return step() end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("figures %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
