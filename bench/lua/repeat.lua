-- Requests that may be sent again and again, in turn.
require "report"

function init(arguments)
  prepared, sent = {}, 0
  for at, one in ipairs(dofile(arguments[1])) do
    prepared[at] = wrk.format(one.method, one.path, one.headers, one.body)
  end
end

function request()
  sent = sent + 1
  return prepared[(sent - 1) % #prepared + 1]
end
