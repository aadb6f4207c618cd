import { describe, expect, it } from 'vitest';
import { loginsOf } from './logins.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const secret = (namespace: string, name: string, data: Record<string, string>) => ({
  metadata: { namespace, name },
  data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, base64(value)])),
});
const wordpress = { 'admin-user': 'admin', 'admin-password': 'pass wörd', 'db-password': 'x' };
const list = (...items: unknown[]) => JSON.stringify({ kind: 'List', items });
const pods = [{ namespace: 'default', name: 'wordpress-frontend-59885cf656-8qnv9' }];

describe('loginsOf', () => {
  it('reads the administrator of an application that runs', () => {
    expect(loginsOf(list(secret('default', 'wordpress', wordpress)), pods)).toEqual([
      { namespace: 'default', application: 'wordpress', user: 'admin', password: 'pass wörd' },
    ]);
  });

  it.each([
    ['runs in another namespace', secret('word', 'wordpress', wordpress)],
    ['does not run', secret('default', 'shop', wordpress)],
    ['has no administrator', secret('default', 'wordpress', { 'db-password': 'x' })],
    ['has no password', secret('default', 'wordpress', { 'admin-user': 'admin' })],
    ['is nothing', null],
    ['has no data', { metadata: { namespace: 'default', name: 'wordpress' } }],
    ['is malformed', { metadata: { namespace: 'default', name: 'wordpress' }, data: { 'admin-user': 3 } }],
  ])('has none where the application %s', (_, item) => {
    expect(loginsOf(list(item), pods)).toEqual([]);
  });

  it.each(['', 'null', '{}', '{"items":3}', 'error: no route to host'])('takes nothing from %j', (text) => {
    expect(loginsOf(text, pods)).toEqual([]);
  });
});
