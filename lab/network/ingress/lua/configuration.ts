/**
 * `/etc/nginx/lua/configuration.lua`: takes endpoints from the controller (the format is render/dynamic.ts') and hands them to the
 * workers. They lie in memory that outlives a reload.
 */
export const CONFIGURATION_LUA = String.raw`
local ngx = ngx
local dict = ngx.shared.configuration_data

local _M = {}
local parsed = { version = 0, backends = {}, stickies = {}, canaries = {} }

local function unescape(word)
  if word == nil or word == "-" then return "" end
  return ngx.unescape_uri(word)
end

local Pool = {}
Pool.__index = Pool

function Pool:add(host, port)
  local hash = ngx.md5(host .. ":" .. port)
  local at = #self.endpoints + 1
  self.endpoints[at] = { host = host, port = port, hash = hash }
  self.by_hash[hash] = at
end

-- Endpoints, from which one is chosen for each request.
function _M.pool(id)
  return setmetatable({ id = id, endpoints = {}, by_hash = {} }, Pool)
end

local readers = {
  backend = function(into, words)
    local pool = _M.pool(words[2])
    for at = 3, #words - 1, 2 do pool:add(words[at], tonumber(words[at + 1])) end
    into.backends[words[2]] = { pool = pool }
  end,
  external = function(into, words)
    into.backends[words[2]] = { pool = _M.pool(words[2]), name = words[3], port = tonumber(words[4]) }
  end,
  sticky = function(into, words)
    into.stickies[words[2]] = { cookie = words[3], attributes = unescape(words[4]) }
  end,
  canary = function(into, words)
    into.canaries[words[2]] = {
      weight = tonumber(words[3]), total = tonumber(words[4]), header = unescape(words[5]),
      value = unescape(words[6]), pattern = unescape(words[7]), cookie = unescape(words[8]),
    }
  end,
}

local function parse(text, version)
  local into = { version = version, backends = {}, stickies = {}, canaries = {} }
  for line in text:gmatch("[^\n]+") do
    local words = {}
    for word in line:gmatch("[^\t]+") do words[#words + 1] = word end
    local reader = readers[words[1]]
    if reader then reader(into, words) end
  end
  return into
end

-- What is valid now; read anew by each worker when the version has moved.
function _M.current()
  local version = dict:get("version") or 0
  if version ~= parsed.version then parsed = parse(dict:get("backends") or "", version) end
  return parsed
end

-- POST /configuration/backends
function _M.backends()
  if ngx.req.get_method() ~= "POST" then
    ngx.print(dict:get("backends") or "")
    return
  end
  ngx.req.read_body()
  local body = ngx.req.get_body_data()
  if not body then
    local file = ngx.req.get_body_file()
    local handle = file and io.open(file, "rb")
    body = handle and handle:read("*a") or ""
    if handle then handle:close() end
  end
  local ok, err = dict:set("backends", body)
  if not ok then
    ngx.log(ngx.ERR, "error updating dynamic configuration: ", err)
    ngx.status = ngx.HTTP_INTERNAL_SERVER_ERROR
    ngx.say(err)
    return
  end
  dict:incr("version", 1, 0)
  ngx.status = ngx.HTTP_CREATED
end

return _M
`;
