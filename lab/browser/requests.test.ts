import { expect, it } from 'vitest';
import { requestTable } from './requests.ts';

const PAGE = 'http://10.1.110.105/guestbook/';
const request = { url: PAGE, method: 'GET', type: 'document', size: 0, time: 1 };

it('lists requests as developer tools do', () => {
  const table = requestTable(
    [
      { ...request, status: 200, size: 741, time: 23.4 },
      {
        ...request,
        url: `${PAGE}guestbook.php?cmd=get&key=messages`,
        type: 'fetch',
        status: 404,
        size: 1234,
      },
      {
        ...request,
        method: 'POST',
        url: 'https://cdn.example/a.css#top',
        type: 'xhr',
        status: 302,
        size: 123_456,
      },
    ],
    PAGE,
  );
  expect(table).toBe(
    [
      'Name                                           Method  Status  Type      Size   Time',
      '/guestbook/                                    GET     200     document  741B   23ms',
      '/guestbook/guestbook.php?cmd=get&key=messages  GET     404     fetch     1.2kB  1ms',
      '//cdn.example/a.css                            POST    302     xhr       123kB  1ms',
      '3 requests, 125kB transferred',
    ].join('\n'),
  );
});

it('says why there was no answer', () => {
  const table = requestTable([{ ...request, failure: 'net::ERR_CONNECTION_REFUSED' }], PAGE);
  expect(table).toContain('/guestbook/  GET     net::ERR_CONNECTION_REFUSED  document  0B ');
  expect(table).toContain('\n1 request, 0B transferred');
});

it('says what came from the cache', () => {
  expect(requestTable([{ ...request, status: 200 }], PAGE)).toMatch(/ 200 +document +\(cache\) /);
});

it('keeps the beginning and the end of a long name', () => {
  const [, row = ''] = requestTable([{ ...request, url: `${PAGE}?load=${'a'.repeat(500)}.js` }], PAGE).split(
    '\n',
  );
  expect(row).toMatch(/^\/guestbook\/\?load=a+…a+\.js +GET /);
  expect(row.indexOf(' ')).toBe(120);
});
