import { describe, expect, it } from 'vitest';
import { rounds, SEED, seeded } from '../../../../testing/index.ts';
import { MAX_BODY } from '../body.ts';
import { decodeProtobuf, ProtobufError } from './index.ts';
import { messageOf } from './messages.ts';
import { decodeMessage } from './object.ts';

/** Bodies that kubectl 1.32.3 sent. */
const recorded = {
  // kubectl create deployment d --image=nginx --replicas=2 --port=80
  deployment:
    'azhzAAoVCgdhcHBzL3YxEgpEZXBsb3ltZW50ErABChsKAWQSABoAIgAqADIAOABCAFoICgNhcHASAWQSggEIAhIKCggKA2FwcBIBZBpqChoKABIAGgAiACoAMgA4AEIAWggKA2FwcBIBZBJMEi4KBW5naW54EgVuZ2lueCoAMgoKABAAGFAiACoAQgBqAHIAgAEAiAEAkAEAogEAGgAyAEIASgBSAFgAYABoAIIBAIoBAJoBAMIBACICCgAoADgAGgwIABAAGAAgACgAOAAaACIA',
  // kubectl create service nodeport np --tcp=80:http --node-port=30080
  service:
    'azhzAAoNCgJ2MRIHU2VydmljZRJqCh0KAm5wEgAaACIAKgAyADgAQgBaCQoDYXBwEgJucBJFCiAKBzgwLWh0dHASA1RDUBhQIgoIARAAGgRodHRwKIDrARIJCgNhcHASAm5wGgAiCE5vZGVQb3J0OgBCAFIAWgBgAGgAGgIKABoAIgA=',
  // kubectl create secret generic s --from-literal=p=q
  secret: 'azhzAAoMCgJ2MRIGU2VjcmV0Eh0KEQoBcxIAGgAiACoAMgA4AEIAEgYKAXASAXEaABoAIgA=',
  // kubectl create ingress i --class=nginx --rule="h/p*=svc:80,tls=t"
  ingress:
    'azhzAAofChRuZXR3b3JraW5nLms4cy5pby92MRIHSW5ncmVzcxJOChEKAWkSABoAIgAqADIAOABCABI1EgYKAWgSAXQaJAoBaBIfCh0KGwoCL3ASDSILCgNzdmMSBAoAEFAaBlByZWZpeCIFbmdpbngaAgoAGgAiAA==',
  // kubectl create token sa --duration=20m --bound-object-kind Pod --bound-object-name p --bound-object-uid u
  token:
    'azhzAAooChhhdXRoZW50aWNhdGlvbi5rOHMuaW8vdjESDFRva2VuUmVxdWVzdBIuChAKABIAGgAiACoAMgA4AEIAEhQaDwoDUG9kEgJ2MRoBcCIBdSCwCRoECgASABoAIgA=',
};
const decode = (body: string): unknown => decodeProtobuf(Buffer.from(body, 'base64'));

describe("kubectl's bodies", () => {
  it('are what JSON would have said', () => {
    const labels = { app: 'd' };
    expect(decode(recorded.deployment)).toEqual({
      kind: 'Deployment',
      apiVersion: 'apps/v1',
      metadata: { name: 'd', labels },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            containers: [{ name: 'nginx', image: 'nginx', ports: [{ containerPort: 80 }], resources: {} }],
          },
        },
        strategy: {},
      },
      status: {},
    });
    expect(decode(recorded.ingress)).toMatchObject({
      spec: {
        ingressClassName: 'nginx',
        tls: [{ hosts: ['h'], secretName: 't' }],
        // Embedded structs of Go are messages here and part of their parent in JSON.
        rules: [
          {
            host: 'h',
            http: {
              paths: [
                {
                  path: '/p',
                  pathType: 'Prefix',
                  backend: { service: { name: 'svc', port: { number: 80 } } },
                },
              ],
            },
          },
        ],
      },
    });
  });

  it('with types that JSON writes in another way', () => {
    expect(decode(recorded.service)).toMatchObject({
      spec: {
        type: 'NodePort',
        ports: [{ name: '80-http', protocol: 'TCP', port: 80, targetPort: 'http', nodePort: 30080 }],
      },
    });
    expect(decode(recorded.secret)).toMatchObject({ data: { p: 'cQ==' } });
    expect(decode(recorded.token)).toMatchObject({
      kind: 'TokenRequest',
      spec: {
        expirationSeconds: 1200,
        boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'p', uid: 'u' },
      },
    });
  });
});

describe('values', () => {
  const bytes = (...pieces: (number[] | string)[]): Buffer =>
    Buffer.concat(pieces.map((piece) => Buffer.from(piece as string)));

  it('of times, quantities and maps', () => {
    const time = bytes([0x08, 0x80, 0xb1, 0xe7, 0xd0, 0x06, 0x10, 0x90, 0x4e]);
    expect(decodeMessage(bytes([0x1a, time.length], [...time]), 'coordination.v1.LeaseSpec')).toEqual({
      acquireTime: '2026-05-29T18:18:40.000010Z',
    });
    const entry = bytes([0x0a, 1], 'c', [0x12, 6, 0x0a, 4], '100m');
    expect(decodeMessage(bytes([0x0a, entry.length], [...entry]), 'core.v1.ResourceRequirements')).toEqual({
      limits: { c: '100m' },
    });
  });

  it('of zero are kept where Go has a pointer, and only there', () => {
    // spec.replicas (pointer) and spec.minReadySeconds (value).
    expect(decodeMessage(bytes([0x08, 0, 0x28, 0]), 'apps.v1.DeploymentSpec')).toEqual({ replicas: 0 });
    expect(decodeMessage(bytes([0x58, 0, 0xa8, 1, 0]), 'core.v1.PodSpec')).toEqual({
      automountServiceAccountToken: false,
    });
  });

  it('that are negative take ten bytes', () => {
    const minusOne = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
    expect(decodeMessage(bytes([0x08, ...minusOne]), 'apps.v1.DeploymentSpec')).toEqual({ replicas: -1 });
  });

  it('of unknown fields are passed over', () => {
    // Field 1000 as varint, fixed64, bytes and fixed32, then a field that is known.
    const body = bytes(
      [0xc0, 0x3e, 5, 0xc1, 0x3e, 1, 2, 3, 4, 5, 6, 7, 8, 0xc2, 0x3e, 2, 1, 2, 0xc5, 0x3e, 1, 2, 3, 4],
      [0x08, 7],
    );
    expect(decodeMessage(body, 'apps.v1.DeploymentSpec')).toEqual({ replicas: 7 });
  });

  it('named __proto__ are only values', () => {
    const entry = bytes([0x0a, 9], '__proto__', [0x12, 1], 'x');
    const { data } = decodeMessage(bytes([0x12, entry.length], [...entry]), 'core.v1.ConfigMap');
    expect(Object.keys(data as object)).toEqual(['__proto__']);
  });
});

describe('malformed bodies', () => {
  it('are refused, wherever they end', () => {
    expect(() => decodeProtobuf(Buffer.from('{}'))).toThrow(ProtobufError);
    for (const body of Object.values(recorded)) {
      const whole = Buffer.from(body, 'base64');
      for (let length = 0; length < whole.length; length++) {
        try {
          decodeProtobuf(whole.subarray(0, length));
        } catch (error) {
          expect(error).toBeInstanceOf(ProtobufError);
        }
      }
    }
  });

  it('never end in anything but an object or a refusal, whatever byte is another', () => {
    const random = seeded(SEED);
    const below = (limit: number) => Math.floor(random() * limit);
    for (let round = rounds(1000, 10_000); round > 0; round--) {
      const bodies = Object.values(recorded);
      const body = Buffer.from(bodies[below(bodies.length)] ?? '', 'base64');
      for (let change = 0; change < 3; change++) body[4 + below(body.length - 4)] = below(256);
      try {
        const value = decodeProtobuf(body);
        JSON.stringify(value);
      } catch (error) {
        if (!(error instanceof ProtobufError)) throw error;
      }
    }
  });

  it('of wrong wire types, with lengths that are not there', () => {
    const message =
      (...bytes: number[]) =>
      () =>
        decodeMessage(Buffer.from(bytes), 'apps.v1.DeploymentSpec');
    expect(message(0x0a, 1, 0)).toThrow('wrong wireType = 2 for field replicas');
    expect(message(0x12, 5)).toThrow('unexpected EOF');
    expect(message(0x08, 0x80)).toThrow('unexpected EOF');
    expect(message(0x0b)).toThrow(ProtobufError);
    expect(message(0x0f)).toThrow(ProtobufError);
    expect(message(0x12, ...Array(9).fill(0xff), 0x01)).toThrow('negative length');
    expect(message(0x08, ...Array(11).fill(0xff))).toThrow('integer overflow');
  });

  it('of the largest size are read, however much they make of little', () => {
    // As many empty containers as fit: what makes most of least.
    const spec = Buffer.alloc(rounds(MAX_BODY / 16, MAX_BODY - 100));
    for (let at = 0; at + 1 < spec.length; at += 2) spec[at] = 0x12;
    const { containers } = decodeMessage(spec, 'core.v1.PodSpec') as { containers: unknown[] };
    expect(containers).toHaveLength(Math.floor(spec.length / 2));
  });
});

it('the table names only messages that it has', () => {
  const seen = new Set<string>();
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const { type } of messageOf(name)?.values() ?? [])
      if (type.length > 1) {
        expect(messageOf(type), `${name} → ${type}`).toBeDefined();
        visit(type);
      }
  };
  for (const root of [
    'core.v1.Pod',
    'core.v1.Node',
    'apps.v1.ControllerRevision',
    'authentication.v1.TokenReview',
  ])
    visit(root);
  expect(seen.size).toBeGreaterThan(140);
});
