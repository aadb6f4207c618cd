/**
 * `/etc/nginx/lua/balancer.lua`: chooses the endpoint of each request. Endpoints come through configuration.lua and change without a
 * reload, as in ingress-nginx, whose names the functions bear.
 */
export const BALANCER_LUA = `
local ngx_balancer = require "ngx.balancer"
local configuration = require "configuration"
local dns = require "dns"

local ngx = ngx
local state = ngx.shared.balancer_state
local MAX_TRIES = 3

local _M = {}

-- Round robin over all workers: the counter is shared, so that N requests reach N endpoints.
local function next_of(id, count)
  local turn = state:incr(id, 1, 0)
  if not turn then return math.random(count) end
  return turn % count + 1
end

local function canary_takes(policy)
  if policy.header ~= "" then
    local value = ngx.var["http_" .. policy.header:gsub("-", "_"):lower()]
    if value then
      if policy.value ~= "" then
        if value == policy.value then return true end
      elseif policy.pattern ~= "" then
        if ngx.re.find(value, policy.pattern, "jo") then return true end
      elseif value == "always" then
        return true
      elseif value == "never" then
        return false
      end
    end
  end
  if policy.cookie ~= "" then
    local value = ngx.var["cookie_" .. policy.cookie]
    if value == "always" then return true end
    if value == "never" then return false end
  end
  return policy.weight > 0 and math.random(policy.total) <= policy.weight
end

-- The endpoints of a backend. Those of an ExternalName are what its name leads to at this moment.
local function pool_of(backend)
  if not backend then return nil end
  if backend.name then
    local addresses = dns.lookup(backend.name)
    if addresses ~= backend.addresses then
      backend.pool = configuration.pool(backend.pool.id)
      backend.addresses = addresses
      for _, address in ipairs(addresses or {}) do backend.pool:add(address, backend.port) end
    end
  end
  return #backend.pool.endpoints > 0 and backend.pool or nil
end

-- The endpoint that a client's cookie names, while there is one; else a cookie is set when the answer goes out.
local function sticky_endpoint(ctx, pool, policy)
  local value = ngx.var["cookie_" .. policy.cookie]
  local index = value and pool.by_hash[value]
  if index then return index end
  index = next_of(pool.id, #pool.endpoints)
  ctx.cookie = policy.cookie .. "=" .. pool.endpoints[index].hash .. "; " .. policy.attributes
  return index
end

-- Rewrite phase: decides for a backend; 503 if nobody serves it.
function _M.rewrite()
  local var = ngx.var
  local current = configuration.current()
  local pool
  local canary = var.canary_upstream
  if canary and canary ~= "" then
    local policy = current.canaries[var.canary_policy]
    if policy and canary_takes(policy) then pool = pool_of(current.backends[canary]) end
    if pool then var.proxy_alternative_upstream_name = canary end
  end
  pool = pool or pool_of(current.backends[var.proxy_upstream_name])
  if not pool then return ngx.exit(ngx.HTTP_SERVICE_UNAVAILABLE) end

  local ctx = ngx.ctx
  ctx.pool = pool
  local sticky = var.sticky_policy
  local policy = sticky and sticky ~= "" and current.stickies[sticky]
  if policy then
    ctx.first = sticky_endpoint(ctx, pool, policy)
  end
end

-- Balancer phase, once for every try: an endpoint that has not been tried yet.
function _M.balance()
  local ctx = ngx.ctx
  if not ctx.pool then
    -- ngx.ctx does not outlive an internal redirect.
    _M.rewrite()
  end
  local pool = ctx.pool
  local endpoints = pool.endpoints
  local index
  if not ctx.tried then
    ctx.tried = {}
    index = ctx.first or next_of(pool.id, #endpoints)
    local more = math.min(MAX_TRIES, #endpoints) - 1
    if more > 0 then ngx_balancer.set_more_tries(more) end
  else
    index = next_of(pool.id, #endpoints)
    for _ = 1, #endpoints do
      if not ctx.tried[index] then break end
      index = index % #endpoints + 1
    end
  end
  ctx.tried[index] = true
  local peer = endpoints[index]
  local ok, err = ngx_balancer.set_current_peer(peer.host, peer.port)
  if not ok then ngx.log(ngx.ERR, "error while setting current upstream peer ", peer.host, ": ", err) end
end

function _M.header()
  local cookie = ngx.ctx.cookie
  if not cookie then return end
  local present = ngx.header["Set-Cookie"]
  if present == nil then
    ngx.header["Set-Cookie"] = cookie
  elseif type(present) == "table" then
    present[#present + 1] = cookie
    ngx.header["Set-Cookie"] = present
  else
    ngx.header["Set-Cookie"] = { present, cookie }
  end
end

return _M
`;
