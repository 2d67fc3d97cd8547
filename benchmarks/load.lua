-- Load for wrk: posts as the snippet does. Arguments: path, site, origin, known, start.
-- known = 0: every request is another visitor's first page view; else signs of life of that many visits, in turn.

local path, site, origin, known, count
local headers = {
  ["Content-Type"] = "text/plain",
  ["Accept-Language"] = "en-US,en;q=0.9",
  ["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0 Safari/537.36",
}
local body = '{"v":1,"site":"%s","url":"%s/emergency?utm_source=google&utm_medium=cpc&utm_campaign=emergency&gclid=c-%d",'
  .. '"referrer":"https://www.google.com/","visitor":"visitor-token-%09d","visit":"visit-token-%09d",'
  .. '"numbers":["+13105550123"],"new":%s}'

function init(args)
  path, site, origin, known, count = args[1], args[2], args[3], tonumber(args[4]), tonumber(args[5])
  headers["Origin"] = origin
end

function request()
  count = count + 1
  local n = known == 0 and count or count % known
  return wrk.format("POST", path, headers, string.format(body, site, origin, n, n, n, tostring(known == 0)))
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'FIGURES {"requests":%d,"secs":%f,"p50_ms":%f,"p99_ms":%f,"not_answered":%d,"not_ok":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.timeout, errors.status))
end
