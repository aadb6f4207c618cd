import { expect, it } from 'vitest';
import { calicoStatus, type StatusInput } from './status.ts';

const session = (peer: string, info: string) => ({
  name: `Mesh_${peer}`,
  state: 'up',
  since: '11:00:00',
  info,
  peer,
});

const input: StatusInput = {
  node: 'worker1',
  felixDone: true,
  cniInstalled: true,
  birdRunning: true,
  peers: ['10.1.110.107', '10.1.110.108'],
  blocks: ['192.168.104.64/26'],
  sessions: [session('10.1.110.107', 'Established'), session('10.1.110.108', 'Established')],
};

it('is ready when all is there', () => {
  expect(calicoStatus(input)).toMatchObject({ ready: true, waitingFor: [] });
});

it('names the peers it waits for', () => {
  const sessions = [session('10.1.110.107', 'Active  Socket: Connection refused')];
  expect(calicoStatus({ ...input, sessions }).waitingFor).toEqual([
    'BIRD is not ready: BGP not established with 10.1.110.107,10.1.110.108',
  ]);
});

it('says each thing that is missing', () => {
  const status = calicoStatus({ ...input, felixDone: false, cniInstalled: false, birdRunning: false });
  expect(status.ready).toBe(false);
  expect(status.waitingFor).toHaveLength(3);
});

it('names what went wrong after all was well', () => {
  const waitingFor = (change: Partial<StatusInput>) => calicoStatus({ ...input, ...change }).waitingFor;
  expect(waitingFor({ tunnelGone: true })).toEqual(['tunl0 is gone']);
  expect(waitingFor({ birdSilent: true })).toEqual(['BIRD is not live: birdc gets no answer']);
  expect(waitingFor({ blockProblem: 'block X belongs to node b' })).toEqual(['block X belongs to node b']);
});
