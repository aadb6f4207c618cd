/** `/etc/nginx/lua/lua_ingress.lua`: random numbers, redirects to https, what the client is believed to have asked, and HSTS. */
export const LUA_INGRESS_LUA = `
local ngx = ngx
local config = {}

local _M = {}

function _M.set_config(new) config = new end

-- Forked workers would all draw the same numbers.
function _M.init_worker()
  local file = assert(io.open("/dev/urandom", "rb"))
  local a, b, c, d = file:read(4):byte(1, 4)
  file:close()
  math.randomseed(((a * 256 + b) * 256 + c) * 256 + d)
end

local function first_of(list)
  return list:match("^%s*([^,%s]+)")
end

-- Behind another proxy the client's own scheme, host and port are in headers.
local function use_forwarded_headers(var)
  local proto = var.http_x_forwarded_proto
  if proto then var.pass_access_scheme = first_of(proto) or var.scheme end
  local host = var.http_x_forwarded_host
  if host then var.best_http_host = first_of(host) or var.best_http_host end
  local port = var.http_x_forwarded_port
  if port then var.pass_server_port = first_of(port) or var.server_port end
end

local function is_redirected(var, location)
  if location.force_no_ssl_redirect or var.pass_access_scheme ~= "http" then return false end
  return location.force_ssl_redirect or (location.ssl_redirect and var.certificate_configured == "true")
end

function _M.rewrite(location)
  local var = ngx.var
  if not var.http_host then var.best_http_host = var.host end
  if config.use_forwarded_headers then use_forwarded_headers(var) end
  var.pass_port = var.pass_access_scheme == "https" and "443" or var.pass_server_port
  if not is_redirected(var, location) then return end
  local uri = var.request_uri
  if not location.preserve_trailing_slash and uri:sub(-1) == "/" then uri = uri:sub(1, -2) end
  local host = var.best_http_host:gsub(":%d+$", "")
  return ngx.redirect("https://" .. host .. uri, config.http_redirect_code)
end

function _M.header()
  if not config.hsts or ngx.var.scheme ~= "https" or ngx.var.certificate_configured ~= "true" then return end
  local value = "max-age=" .. config.hsts_max_age
  if config.hsts_include_subdomains then value = value .. "; includeSubDomains" end
  ngx.header["Strict-Transport-Security"] = value
end

return _M
`;
