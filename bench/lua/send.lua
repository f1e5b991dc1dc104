-- One message a request, each under a key that was never used: arguments are a list of senders and the run's name.
require "report"

function init(arguments)
  senders, run, sent = dofile(arguments[1]), arguments[2], 0
end

function request()
  sent = sent + 1
  local sender = senders[(sent - 1) % #senders + 1]
  local body = string.format('{"client_message_id": "%s-%d-%d", "content": "%s"}', run, number, sent, sender.content)
  return wrk.format("POST", sender.path, sender.headers, body)
end
