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
      'Name                                            Status   Type       Size     Time',
      '/guestbook/                                     200      document   741 B    23 ms',
      '/guestbook/guestbook.php?cmd=get&key=messages   404      fetch      1.2 kB   1 ms',
      'POST //cdn.example/a.css                        302      xhr        123 kB   1 ms',
      '3 requests, 125 kB transferred',
    ].join('\n'),
  );
});

it('says why there was no answer', () => {
  const table = requestTable([{ ...request, failure: 'net::ERR_CONNECTION_REFUSED' }], PAGE);
  expect(table).toContain('/guestbook/   (failed) net::ERR_CONNECTION_REFUSED   document   0 B ');
  expect(table).toContain('\n1 request, 0 B transferred');
});
