-- A hundred messages a request, in turn to each conversation of a sender, under keys that were never used.
require "report"

local SIZE = 100
local item = '{"conversation_id": "%s", "client_message_id": "%s-%d-%d-%d", "content": "%s"}'

function init(arguments)
  senders, run, sent = dofile(arguments[1]), arguments[2], 0
end

function request()
  sent = sent + 1
  local sender, items = senders[(sent - 1) % #senders + 1], {}
  for at = 1, SIZE do
    local conversation = sender.conversations[(at - 1) % #sender.conversations + 1]
    items[at] = string.format(item, conversation, run, number, sent, at, sender.content)
  end
  local body = '{"messages": [' .. table.concat(items, ", ") .. "]}"
  return wrk.format("POST", "/v1/messages/batch", sender.headers, body)
end
