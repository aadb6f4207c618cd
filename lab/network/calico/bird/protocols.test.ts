import { expect, it } from 'vitest';
import { isSessionEvent, meshSessions, parseProtocols } from './protocols.ts';

const OUTPUT = `BIRD 2.17.5 ready.
Name       Proto      Table      State  Since         Info
static1    Static     master4    up     11:19:32.756  
device1    Device     ---        up     11:19:32.756  
Mesh_10_1_110_102 BGP        ---        up     11:19:33.712  Established   
Mesh_10_1_110_107 BGP        ---        start  11:19:33.820  Active        Socket: Connection refused
`;

it('reads the table', () => {
  expect(parseProtocols(OUTPUT)).toHaveLength(4);
  expect(meshSessions(parseProtocols(OUTPUT))).toEqual([
    {
      name: 'Mesh_10_1_110_102',
      proto: 'BGP',
      state: 'up',
      since: '11:19:33.712',
      info: 'Established',
      peer: '10.1.110.102',
    },
    expect.objectContaining({
      peer: '10.1.110.107',
      state: 'start',
      info: 'Active        Socket: Connection refused',
    }),
  ]);
});

it('knows a session event from other log lines', () => {
  expect(isSessionEvent('2026-11-20 11:20:01.669 <TRACE> Mesh_10_1_110_102: State changed to up')).toBe(true);
  expect(isSessionEvent('2026-11-20 11:20:01.669 <TRACE> device1: State changed to up')).toBe(false);
});
