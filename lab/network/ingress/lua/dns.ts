/**
 * `/etc/nginx/lua/dns.lua`: addresses of names, for services of type ExternalName. Asks the name servers of the pod's resolv.conf, hence
 * the cluster's DNS, with the name as it is: the target of such a service is whole, no search list is gone through. As ingress-nginx's
 * own it keeps an answer for as long as its TTL says; a name server that fails takes nothing away that was known before.
 */
export const DNS_LUA = String.raw`
local ngx = ngx
local socket = ngx.socket.udp
local bit = require "bit"

local PORT = 53
local TIMEOUT_MS = 1000
local ROUNDS = 2
-- After a failure what was known before is used for so long, and after that nobody is asked.
local RETRY_SECONDS = 1
-- Longer than any question takes: one whose request has been broken off is asked again.
local ASKING_SECONDS = 10
local MAX_ENTRIES = 1024
local TYPE_A, TYPE_CNAME = 1, 5
local OK, NAME_ERROR = 0, 3

local _M = {}
local servers = {}
local cache, entries = {}, 0

-- At the start, while root can read any file.
function _M.configure(path)
  servers = {}
  local file = io.open(path)
  if not file then return end
  for line in file:lines() do
    local address = line:match("^%s*nameserver%s+([%d.]+)%s*$")
    if address then servers[#servers + 1] = address end
  end
  file:close()
end

-- RFC 1035, 4.1: one question for the addresses, recursion desired.
local function question(id, name)
  local labels = {}
  for label in name:gmatch("[^.]+") do labels[#labels + 1] = string.char(#label) .. label end
  local head = string.char(bit.rshift(id, 8), bit.band(id, 255), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0)
  return head .. table.concat(labels) .. string.char(0, 0, TYPE_A, 0, 1)
end

local function uint16(text, at)
  local high, low = text:byte(at, at + 1)
  return low and high * 256 + low
end

-- Behind a name: labels, which may end in a pointer.
local function behind_name(text, at)
  while true do
    local length = text:byte(at)
    if not length then return nil end
    if length == 0 then return at + 1 end
    if length >= 192 then return at + 2 end
    at = at + length + 1
  end
end

-- Not of this machine: its port for orders is for the controller alone.
local function is_allowed(first)
  return first ~= 0 and first ~= 127
end

-- The addresses of an answer, and for how many seconds they hold. The name server has followed the aliases.
local function read_answer(text, asked)
  if #text < #asked or text:sub(1, 2) ~= asked:sub(1, 2) or text:sub(13, #asked):lower() ~= asked:sub(13) then
    return nil, "not an answer to this question"
  end
  local code = bit.band(text:byte(4), 15)
  if code == NAME_ERROR then return {}, RETRY_SECONDS end
  if code ~= OK then return nil, "answer has code " .. code end
  local addresses, seconds = {}, nil
  local at = #asked + 1
  for _ = 1, uint16(text, 7) do
    at = behind_name(text, at)
    local kind, length = at and uint16(text, at), at and uint16(text, at + 8)
    if not length or #text < at + 9 + length then return nil, "answer is cut off" end
    if kind == TYPE_A or kind == TYPE_CNAME then
      local high, low = uint16(text, at + 4), uint16(text, at + 6)
      seconds = math.min(seconds or math.huge, high * 65536 + low)
    end
    if kind == TYPE_A and length == 4 and is_allowed(text:byte(at + 10)) then
      addresses[#addresses + 1] = table.concat({ text:byte(at + 10, at + 13) }, ".")
    end
    at = at + 10 + length
  end
  return addresses, math.max(seconds or RETRY_SECONDS, RETRY_SECONDS)
end

local function ask(server, name)
  local peer = socket()
  peer:settimeout(TIMEOUT_MS)
  local ok, err = peer:setpeername(server, PORT)
  if not ok then return nil, err end
  local asked = question(math.random(0, 65535), name)
  local answer
  ok, err = peer:send(asked)
  if ok then answer, err = peer:receive() end
  peer:close()
  if not answer then return nil, err end
  return read_answer(answer, asked)
end

local function ask_all(name)
  local err = "no name server"
  for _ = 1, ROUNDS do
    for _, server in ipairs(servers) do
      local addresses, more = ask(server, name)
      if addresses then return addresses, more end
      err = server .. ": " .. tostring(more)
    end
  end
  return nil, err
end

-- The addresses of a name, the same table for as long as they hold; nil if there is none. May wait, apart from the balancer phase.
function _M.lookup(name)
  local found = cache[name]
  local now = ngx.now()
  if found and (now < found.expires or now < found.asked_until) then return found.addresses end
  if ngx.get_phase() == "balancer" then return found and found.addresses end
  if not found then
    if entries >= MAX_ENTRIES then cache, entries = {}, 0 end
    found = { expires = 0, asked_until = 0 }
    cache[name] = found
    entries = entries + 1
  end
  -- Others go on with what was known; while nothing is, they ask, too.
  if found.addresses then found.asked_until = now + ASKING_SECONDS end
  local addresses, more = ask_all(name)
  found.asked_until = 0
  if not addresses then
    ngx.log(ngx.ERR, "cannot look up ", name, ": ", more)
    found.expires = ngx.now() + RETRY_SECONDS
    return found.addresses
  end
  found.addresses = #addresses > 0 and addresses or nil
  found.expires = ngx.now() + more
  return found.addresses
end

return _M
`;
