export { loadSigningKey, newSigningKey, type SigningKey } from './key.ts';
export { type Find, ISSUER, ServiceAccountTokens, type TokenWish } from './service-account-tokens.ts';
