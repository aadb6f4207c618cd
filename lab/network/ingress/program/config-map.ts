import {
  bool,
  cidr,
  DEFAULT_SETTINGS,
  integer,
  list,
  type Settings,
  seconds,
  size,
} from '../annotations/index.ts';
import { DEFAULT_GLOBAL, type GlobalSettings } from '../render/index.ts';

export interface Configuration {
  readonly global: GlobalSettings;
  readonly defaults: Settings;
  readonly allowSnippets: boolean | undefined;
  readonly problems: readonly string[];
}

interface Draft {
  global: { -readonly [K in keyof GlobalSettings]: GlobalSettings[K] };
  defaults: Settings;
  allowSnippets: boolean | undefined;
}

const global =
  <K extends keyof GlobalSettings>(key: K, read: (text: string) => GlobalSettings[K]) =>
  (text: string, draft: Draft) => {
    draft.global[key] = read(text);
  };
const setting =
  <K extends keyof Settings>(key: K, read: (text: string) => Settings[K]) =>
  (text: string, draft: Draft) => {
    draft.defaults[key] = read(text);
  };

/** Keys of the ConfigMap that are known; names are ingress-nginx's (docs/user-guide/nginx-configuration/configmap). */
const KEYS: Readonly<Record<string, (text: string, draft: Draft) => void>> = {
  'worker-processes': global('workerProcesses', integer(1, 64)),
  'worker-shutdown-timeout': global('workerShutdownTimeout', seconds),
  'max-worker-connections': global('maxWorkerConnections', integer(64, 65_536)),
  'keep-alive': global('keepAlive', integer(0, 86_400)),
  'upstream-keepalive-connections': global('upstreamKeepaliveConnections', integer(1, 10_000)),
  hsts: global('hsts', bool),
  'hsts-max-age': global('hstsMaxAge', integer(0, 2_147_483_647)),
  'hsts-include-subdomains': global('hstsIncludeSubdomains', bool),
  'use-forwarded-headers': global('useForwardedHeaders', bool),
  'http-redirect-code': global('httpRedirectCode', integer(301, 308)),
  'limit-req-status-code': global('limitReqStatusCode', integer(400, 599)),
  'use-http2': global('http2', bool),
  'ssl-redirect': setting('sslRedirect', bool),
  'force-ssl-redirect': setting('forceSslRedirect', bool),
  'proxy-body-size': setting('proxyBodySize', size),
  'proxy-connect-timeout': setting('proxyConnectTimeout', seconds),
  'proxy-send-timeout': setting('proxySendTimeout', seconds),
  'proxy-read-timeout': setting('proxyReadTimeout', seconds),
  'whitelist-source-range': setting('allow', list(cidr)),
  'denylist-source-range': setting('deny', list(cidr)),
  'allow-snippet-annotations': (text, draft) => {
    draft.allowSnippets = bool(text);
  },
};

/** What the ConfigMap says over the defaults. A key that is unknown or malformed is left out and told. */
export function readConfigMap(data: Readonly<Record<string, string>>): Configuration {
  const draft: Draft = {
    global: { ...DEFAULT_GLOBAL },
    defaults: { ...DEFAULT_SETTINGS },
    allowSnippets: undefined,
  };
  const problems: string[] = [];
  for (const [key, value] of Object.entries(data)) {
    const read = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
    if (!read) {
      problems.push(`key ${JSON.stringify(key)} is not known here and has no effect`);
      continue;
    }
    try {
      read(String(value).trim(), draft);
    } catch (error) {
      problems.push(`key ${JSON.stringify(key)} has no effect: ${(error as Error).message}`);
    }
  }
  return { ...draft, problems };
}
