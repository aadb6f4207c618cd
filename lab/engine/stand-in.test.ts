import { describe, expect, it } from 'vitest';
import { podImages } from './image-folders.ts';
import { standIn } from './image-ref.ts';

describe('images of the lab that stand in for published ones', () => {
  // Names in published manifests: kubernetes/examples' guestbook (both generations), the white paper's Figure 17 and
  // 53, Azure's ingress tutorial, ingress-nginx's chart.
  it.each([
    ['gcr.io/google-samples/gb-frontend:v4', 'guestbook'],
    ['us-docker.pkg.dev/google-samples/containers/gke/gb-frontend:v5', 'guestbook'],
    ['k8s.gcr.io/redis:e2e', 'redis'],
    [
      'registry.k8s.io/redis@sha256:cb111d1bd870a6a471385a4a69ad17469d326e9dd91e0e455350cacf36e1b3ee',
      'redis',
    ],
    ['docker.io/redis:6.0.5', 'redis'],
    ['gcr.io/google_samples/gb-redisslave:v3', 'redis-follower'],
    ['gcr.io/google_samples/gb-redis-follower:v2', 'redis-follower'],
    ['wordpress:4.8-apache', 'wordpress'],
    ['mysql:5.6', 'mariadb'],
    ['mariadb:11', 'mariadb'],
    ['mcr.microsoft.com/azuredocs/aks-helloworld:v1', 'whoami'],
    ['traefik/whoami', 'whoami'],
    ['k8s.gcr.io/defaultbackend-amd64:1.5', 'defaultbackend'],
    ['nginx:1.14.2', 'nginx'],
    ['hoplab/node', undefined],
    ['node', undefined],
    ['base', undefined],
  ])('%s is %s', (ref, name) => expect(standIn(ref, podImages())).toBe(name));

  it('has no name twice', () => {
    const names = [...podImages()].flatMap(([name, aliases]) => [name, ...aliases]);
    expect(new Set(names).size).toBe(names.length);
  });
});
