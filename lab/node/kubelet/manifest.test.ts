import { describe, expect, it } from 'vitest';
import { manifestNames } from './file-source.ts';
import { formatManifestError, parseManifest } from './manifest.ts';

const good =
  'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - {name: c, image: nginx}\n';
const errors = (text: string) => parseManifest('m.yaml', text).errors.map(formatManifestError);

describe('parseManifest', () => {
  it('reads several documents and JSON, with default namespace and a stable uid', () => {
    const { pods, errors: none } = parseManifest(
      'm.yaml',
      `${good}---\n# empty\n---\n${good.replace('web', 'db')}`,
    );
    expect(none).toEqual([]);
    expect(pods.map((pod) => [pod.metadata.namespace, pod.metadata.name])).toEqual([
      ['default', 'web'],
      ['default', 'db'],
    ]);
    expect(pods[0]?.metadata.uid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(parseManifest('m.yaml', good).pods[0]?.metadata.uid).toBe(pods[0]?.metadata.uid);
    expect(
      parseManifest(
        'm.json',
        JSON.stringify({
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: 'j', uid: 'own' },
          spec: { containers: [{ name: 'c', image: 'i' }] },
        }),
      ).pods[0]?.metadata.uid,
    ).toBe('own');
  });
  it('changes the uid with file and content', () => {
    const uid = (file: string, text: string) => parseManifest(file, text).pods[0]?.metadata.uid;
    expect(new Set([uid('a', good), uid('b', good), uid('a', good.replace('nginx', 'nginx:2'))]).size).toBe(
      3,
    );
  });
  it('reports every mistake with its place and uses nothing of the file', () => {
    const text = `${good}---\napiVersion: v1\nkind: Pod\nmetadata: {name: Web_1}\nspec:\n  restartPolicy: Sometimes\n  containers:\n  - name: c\n    command: [sleep, 10]\n    volumeMounts: [{name: v, mountPath: /v}]\n`;
    expect(parseManifest('m.yaml', text).pods).toEqual([]);
    expect(errors(text)).toEqual([
      `m.yaml:10:18: metadata.name: must be a DNS subdomain (lower case letters, digits, '-' and '.'), is "Web_1"`,
      'm.yaml:12:18: spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
      'm.yaml:14:5: image: Required value',
      'm.yaml:15:22: command[1]: must be a string, is 10 (quote it)',
      'm.yaml:16:27: volumeMounts[0].name: Not found: "v" (the pod has no volumes)',
    ]);
  });
  it('takes restartPolicy of an init container as what makes it a sidecar, and of no other', () => {
    const spec = (init: string, regular = '') =>
      good
        .replace('nginx}', `nginx${regular}}`)
        .replace('  containers:', `  initContainers:\n  - {name: i, image: i${init}}\n  containers:`);
    expect(errors(spec(', restartPolicy: Always'))).toEqual([]);
    expect(errors(spec(', restartPolicy: Never'))).toEqual([
      'm.yaml:6:40: restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ]);
    expect(errors(spec('', ', restartPolicy: Always'))).toEqual([
      'm.yaml:8:44: restartPolicy: Forbidden: may not be set for non-init containers',
    ]);
  });
  it.each([
    ['a: [1', /^m\.yaml:1:\d+: /],
    [
      'apiVersion: v1\nkind: Deployment\nspec: {containers: [{name: a, image: b}]}\nmetadata: {name: x}',
      /^m\.yaml:2:7: kind: must be Pod, is "Deployment"/,
    ],
    ['just text', /must be a Pod object/],
    ['apiVersion: v1\nkind: Pod\nmetadata: {name: x}', /^m\.yaml:1:1: spec: Required value/],
    [
      'apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: []}',
      /^m\.yaml:4:20: spec\.containers: Required value/,
    ],
    ['a: &a [*a]\nb: 1', /./],
  ])('says what is wrong with %j', (text, message) => {
    expect(errors(text)[0]).toMatch(message);
  });
  it('takes an empty file for no pods', () => {
    expect(parseManifest('m.yaml', '')).toEqual({ pods: [], errors: [] });
  });
});

it('manifestNames leaves out what is still being written, and other files', () => {
  expect(manifestNames(['b.yml', '.a.yaml', 'a.yaml', 'c.json', 'README', 'x.yaml~'])).toEqual([
    'a.yaml',
    'b.yml',
    'c.json',
  ]);
});
