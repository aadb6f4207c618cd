import { describe, expect, it } from 'vitest';
import { normaliseRef, refSpellings, similarNames, standIn } from './image-ref.ts';

describe('normaliseRef', () => {
  it.each([
    ['nginx', 'nginx:latest'],
    ['nginx:1.26', 'nginx:1.26'],
    ['docker.io/library/nginx', 'nginx:latest'],
    ['docker.io/library/nginx:latest', 'nginx:latest'],
    ['library/nginx', 'nginx:latest'],
    ['docker.io/grafana/grafana', 'grafana/grafana:latest'],
    ['localhost:5000/app', 'localhost:5000/app:latest'],
    ['registry.example/team/app:2', 'registry.example/team/app:2'],
    ['nginx@sha256:0123', 'nginx@sha256:0123'],
  ])('%s is %s', (ref, short) => expect(normaliseRef(ref)).toBe(short));
});

describe('refSpellings', () => {
  it('has all names a pod may use', () => {
    expect(refSpellings('docker.io/library/nginx').sort()).toEqual([
      'docker.io/library/nginx',
      'docker.io/library/nginx:latest',
      'nginx',
      'nginx:latest',
    ]);
    expect(refSpellings('team/app:2').sort()).toEqual(['docker.io/team/app:2', 'team/app:2']);
  });
  it('puts no registry before another', () => {
    expect(refSpellings('localhost:5000/app').sort()).toEqual([
      'localhost:5000/app',
      'localhost:5000/app:latest',
    ]);
    expect(refSpellings('registry.example/app:1')).toEqual(['registry.example/app:1']);
  });
});

describe('similarNames', () => {
  const names = ['hoplab/nginx:1234', 'postgres:16', 'nginx:latest', 'node:20'];
  it('finds typing errors and other folders', () => {
    expect(similarNames('ngimx', names)).toEqual(['nginx:latest', 'hoplab/nginx:1234']);
    expect(similarNames('team/postgres', names)).toEqual(['postgres:16']);
  });
  it('finds nothing for something else', () => expect(similarNames('elasticsearch', names)).toEqual([]));
});

describe('standIn', () => {
  const images = new Map([
    ['redis', ['k8s.gcr.io/redis', 'example.com:5000/cache:1']],
    ['nginx', []],
  ] as const);
  it.each([
    ['redis', 'redis'],
    ['docker.io/redis:6.0.5', 'redis'],
    ['redis@sha256:0123', 'redis'],
    ['redis:6@sha256:0123', 'redis'],
    ['k8s.gcr.io/redis:e2e', 'redis'],
    ['example.com:5000/cache:1', 'redis'],
    ['example.com:5000/cache:2', undefined],
    ['index.docker.io/library/nginx:1.26', 'nginx'],
    ['bitnami/redis', undefined],
    ['k8s.gcr.io/redis/other', undefined],
    ['', undefined],
  ])('%s is the image %s', (ref, name) => expect(standIn(ref, images)).toBe(name));
});
