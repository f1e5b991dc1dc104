-- What every script says at the end: one line of JSON, in requests, seconds and milliseconds.
local template = 'RESULT {"requests": %d, "seconds": %.6f, "p50_ms": %.4f, "p90_ms": %.4f, "p99_ms": %.4f, '
  .. '"max_ms": %.4f, "errors": {"connect": %d, "read": %d, "write": %d, "timeout": %d, "status": %d}}\n'

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(template, summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(90) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3,
    errors.connect, errors.read, errors.write, errors.timeout, errors.status))
end

-- Each thread has a number, so that no two make the same key.
local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end
