import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Container, Probe } from '../../runtime/index.ts';
import { ContainerProber } from './container-prober.ts';
import { portNumber, runHandler } from './handler.ts';
import { initialProbeState, nextProbeState, type ProbeKind } from './probe-state.ts';

const container = (fields: Partial<Container> = {}): Container => ({ name: 'c', image: 'i', ...fields });

describe('nextProbeState', () => {
  const results = (kind: ProbeKind, outcomes: string, probe: Probe) => {
    let state = initialProbeState(kind);
    return [...outcomes].map((outcome) => {
      state = nextProbeState(state, outcome === '+', probe);
      return state.result[0];
    });
  };
  it('changes only after as many equal outcomes as the thresholds say', () => {
    expect(results('readiness', '+--+---+', {}).join('')).toBe('ssssssfs');
    expect(results('readiness', '+++-++', { successThreshold: 2, failureThreshold: 1 }).join('')).toBe(
      'fssffs',
    );
    expect(results('liveness', '--+---', {}).join('')).toBe('sssssf');
    expect(results('startup', '---', { failureThreshold: 3 }).join('')).toBe('uuf');
    expect(results('startup', '-+', {}).join('')).toBe('us');
  });
});

describe('ContainerProber', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 0 }));
  afterEach(() => void vi.useRealTimers());
  const prober = (spec: Partial<Container>, outcome: (probe: Probe, at: number) => boolean) => {
    const seen: string[] = [];
    const one: ContainerProber = new ContainerProber(container(spec), 0, {
      run: async (probe) => {
        const ok = outcome(probe, Date.now());
        return { ok, message: ok ? '' : 'no' };
      },
      changed: () => seen.push(`${Date.now()}:${one.started ? 'started' : ''}${one.ready ? ' ready' : ''}`),
      unhealthy: (kind) => seen.push(`${Date.now()}:unhealthy ${kind}`),
      failed: (kind) => seen.push(`${Date.now()}:failed ${kind}`),
      now: () => Date.now(),
    });
    return { one, seen };
  };

  it('is ready soon after the program listens, and not counting the first failures', async () => {
    const { one, seen } = prober({ readinessProbe: {} }, (_probe, at) => at >= 50);
    expect([one.started, one.ready]).toEqual([true, false]);
    await vi.advanceTimersByTimeAsync(200);
    expect(seen).toEqual(['60:started ready']);
    one.stop();
  });
  it('waits for the initial delay', async () => {
    const { one, seen } = prober({ readinessProbe: { initialDelaySeconds: 3 } }, () => true);
    await vi.advanceTimersByTimeAsync(2999);
    expect(seen).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(seen).toEqual(['3000:started ready']);
    one.stop();
  });
  it('begins liveness and readiness when startup has succeeded', async () => {
    const startupProbe: Probe = { periodSeconds: 1 };
    const { one, seen } = prober(
      { startupProbe, readinessProbe: {}, livenessProbe: {} },
      (_p, at) => at > 1500,
    );
    await vi.advanceTimersByTimeAsync(1400);
    expect(one.started).toBe(false);
    await vi.advanceTimersByTimeAsync(2000);
    expect([one.started, one.ready]).toEqual([true, true]);
    expect(seen.filter((line) => line.includes('failed'))).toEqual([]);
    one.stop();
  });
  it('gives a container up after failureThreshold failures of liveness, once', async () => {
    const livenessProbe: Probe = { periodSeconds: 1, failureThreshold: 2 };
    const { one, seen } = prober({ livenessProbe }, (_probe, at) => at < 5000);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(seen).toEqual([
      '5000:unhealthy liveness',
      '6000:unhealthy liveness',
      '6000:started ready',
      '6000:failed liveness',
    ]);
    one.stop();
  });
});

describe('runHandler', () => {
  let server: Server;
  let port: number;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const code = Number(request.url?.slice(1));
      if (code === 302) response.setHeader('location', '/500');
      if (request.url === '/slow') return;
      response.writeHead(code || 200).end(JSON.stringify(request.headers));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => void server.close());
  const target = { container: container(), podIP: '127.0.0.1', exec: { id: '', pid: 0, bundle: '' } };
  const get = (path: string) => runHandler({ httpGet: { path, port } }, target, 100);

  it('takes 200 to 399 for success, and follows redirects on the same host', async () => {
    expect(await get('/204')).toEqual({ ok: true, message: '' });
    expect(await get('/404')).toEqual({ ok: false, message: 'HTTP probe failed with statuscode: 404' });
    expect((await get('/302')).message).toBe('HTTP probe failed with statuscode: 500');
  });
  it('says what Go says of connections', async () => {
    const closed = await runHandler({ httpGet: { path: '/x', port: 1 } }, target, 100);
    expect(closed.message).toBe(
      'Get "http://127.0.0.1:1/x": dial tcp 127.0.0.1:1: connect: connection refused',
    );
    expect((await get('/slow')).message).toMatch(/^Get "http:.*context deadline exceeded \(Client.Timeout/);
    expect(await runHandler({ tcpSocket: { port: 1 } }, target, 100)).toEqual({
      ok: false,
      message: 'dial tcp 127.0.0.1:1: connect: connection refused',
    });
    expect(await runHandler({ tcpSocket: { port } }, target, 100)).toEqual({ ok: true, message: '' });
  });
  it('knows ports by name', () => {
    const named = container({ ports: [{ name: 'http', containerPort: 8080 }] });
    expect(portNumber('http', named)).toBe(8080);
    expect(portNumber('81', named)).toBe(81);
    expect(() => portNumber('https', named)).toThrow('couldn\'t find port: "https"');
  });
});
