import { BALANCER_LUA } from './balancer.ts';
import { CONFIGURATION_LUA } from './configuration.ts';
import { DNS_LUA } from './dns.ts';
import { LUA_INGRESS_LUA } from './lua-ingress.ts';

/** Modules that nginx.conf requires, by file name. */
export const LUA_MODULES: Readonly<Record<string, string>> = {
  'balancer.lua': BALANCER_LUA.trimStart(),
  'configuration.lua': CONFIGURATION_LUA.trimStart(),
  'dns.lua': DNS_LUA.trimStart(),
  'lua_ingress.lua': LUA_INGRESS_LUA.trimStart(),
};
