import { describe, expect, it } from 'vitest';
import { type PathKind, rewriteArguments, type Upload } from './arguments.ts';

const HOST: Readonly<Record<string, PathKind>> = {
  '/home/u/app': 'directory',
  '/home/u/app/web.yaml': 'file',
  '/home/u/app/db.yaml': 'file',
  '/home/u/app/k8s': 'directory',
  '/home/u/app/columns.txt': 'file',
  '/home/u/shared.yaml': 'file',
  '/home/u/base': 'directory',
  '/etc/ssl/tls.crt': 'file',
  '/etc/ssl/tls.key': 'file',
};
const FOLDER = '/tmp/hoplab-kubectl-x';

const rewrite = (...argv: string[]) =>
  rewriteArguments(argv, { cwd: '/home/u/app', folder: FOLDER }, (path) => HOST[path]);
const file = (path: string): Upload => ({ path, take: 'file' });
const manifests = (path: string, recursive = false): Upload => ({ path, take: 'manifests', recursive });

describe('arguments without paths', () => {
  it.each([
    ['get pods -A -o wide'],
    ['-n kube-system get pods'],
    ['--help'],
    ['logs -f web'],
    ['logs web -f --tail=3'],
    ['-n x logs -fp web.yaml'],
    ['exec -it web -- sh -f web.yaml'],
    ['exec web -c app -- cat -f k8s'],
    ['get pods -w -l app=web.yaml'],
    ['get pods -n web.yaml'],
    ['create deployment web --image=nginx -- web.yaml -f web.yaml'],
    ['port-forward svc/web 8080:80'],
    ['get -o jsonpath={.items[0].metadata.name} pods'],
    ['config set-cluster x --certificate-authority=/etc/ssl/tls.crt'],
    ['cp'],
    ['cp a'],
    ['patch deploy web -p web.yaml'],
    [''],
  ])('%s', (text) => {
    const argv = text.split(' ').filter(Boolean);
    expect(rewrite(...argv)).toMatchObject({ argv, usesPaths: false, uploads: [], downloads: [] });
  });
});

describe('-f', () => {
  it.each([
    [['apply', '-f', 'web.yaml']],
    [['apply', '-f=web.yaml']],
    [['apply', '-fweb.yaml']],
    [['apply', '--filename', 'web.yaml']],
    [['apply', '--filename=web.yaml']],
    [['-n', 'x', 'apply', '-f', 'web.yaml']],
    [['-f', 'web.yaml', 'apply']],
    [['apply', '--dry-run', '-f', 'web.yaml']],
    [['apply', '--server-side', '--force-conflicts', '-f', 'web.yaml', '--', 'x']],
    [['rollout', 'status', '-w', '-f', 'web.yaml']],
    [['get', '-wf', 'web.yaml', '-o', 'yaml']],
    [['diff', '-f', './web.yaml']],
    [['apply', '-f', '../app/web.yaml']],
  ])('%j uploads the file and leaves the words as they are', (argv) => {
    expect(rewrite(...argv)).toMatchObject({
      argv,
      usesPaths: true,
      uploads: [file('/home/u/app/web.yaml')],
    });
  });

  it('gives an absolute path the folder', () => {
    expect(rewrite('apply', '-f', '/home/u/shared.yaml', '--filename=/home/u/app/web.yaml')).toEqual({
      argv: ['apply', '-f', `${FOLDER}/home/u/shared.yaml`, `--filename=${FOLDER}/home/u/app/web.yaml`],
      command: 'apply',
      usesPaths: true,
      uploads: [file('/home/u/shared.yaml'), file('/home/u/app/web.yaml')],
      downloads: [],
    });
    expect(rewrite('apply', '-f/home/u/shared.yaml').argv).toEqual([
      'apply',
      `-f${FOLDER}/home/u/shared.yaml`,
    ]);
    expect(rewrite('get', '-Rf=/home/u/base').argv).toEqual(['get', `-Rf=${FOLDER}/home/u/base`]);
  });

  it('takes several, also with commas', () => {
    const { argv, uploads } = rewrite('apply', '-f', 'web.yaml,/home/u/shared.yaml', '-f', 'db.yaml');
    expect(argv).toEqual(['apply', '-f', `web.yaml,${FOLDER}/home/u/shared.yaml`, '-f', 'db.yaml']);
    expect(uploads).toEqual([
      file('/home/u/app/web.yaml'),
      file('/home/u/shared.yaml'),
      file('/home/u/app/db.yaml'),
    ]);
  });

  it('takes directories, and those below with -R wherever it stands', () => {
    expect(rewrite('apply', '-f', 'k8s').uploads).toEqual([manifests('/home/u/app/k8s')]);
    expect(rewrite('apply', '-f', '.').uploads).toEqual([manifests('/home/u/app')]);
    for (const argv of [
      ['apply', '-R', '-f', 'k8s/'],
      ['apply', '-Rf', 'k8s'],
      ['apply', '-f', 'k8s', '--recursive'],
      ['apply', '-f', 'k8s', '--recursive=true'],
    ]) {
      expect(rewrite(...argv).uploads).toEqual([manifests('/home/u/app/k8s', true)]);
    }
    expect(rewrite('apply', '-f', 'k8s', '--recursive=false').uploads).toEqual([
      manifests('/home/u/app/k8s'),
    ]);
  });

  it('brings the files a pattern may mean', () => {
    expect(rewrite('apply', '-f', 'k8s/*.yaml')).toMatchObject({
      argv: ['apply', '-f', 'k8s/*.yaml'],
      uploads: [{ path: '/home/u/app/k8s', take: 'files' }],
    });
    expect(rewrite('apply', '-f', '/home/u/base/*.yaml').argv[2]).toBe(`${FOLDER}/home/u/base/*.yaml`);
    expect(rewrite('apply', '-f', 'nothing/*.yaml').uploads).toEqual([]);
  });

  it('leaves stdin and addresses alone', () => {
    for (const value of ['-', '/dev/stdin', 'http://h/a.yaml', 'https://h/a.yaml']) {
      expect(rewrite('apply', '-f', value)).toMatchObject({
        argv: ['apply', '-f', value],
        usesPaths: false,
        uploads: [],
      });
    }
  });

  it('leaves what is not there to kubectl, which then does not run in the root directory', () => {
    expect(rewrite('apply', '-f', 'nope.yaml')).toMatchObject({
      argv: ['apply', '-f', 'nope.yaml'],
      usesPaths: true,
      uploads: [],
    });
    expect(rewrite('apply', '-f', '/nope.yaml').argv).toEqual(['apply', '-f', '/nope.yaml']);
    expect(rewrite('apply', '-f').argv).toEqual(['apply', '-f']);
  });
});

describe('other flags', () => {
  it('kustomizations', () => {
    const upload = { path: '/home/u/base', take: 'kustomization' };
    for (const argv of [
      ['apply', '-k', '../base'],
      ['apply', '--kustomize=../base'],
      ['kustomize', '../base'],
    ]) {
      expect(rewrite(...argv)).toMatchObject({ argv, uploads: [upload] });
    }
    expect(rewrite('kustomize', 'https://host/repo').uploads).toEqual([]);
    expect(rewrite('kustomize', '../base', '-o', 'out.yaml')).toMatchObject({
      uploads: [upload],
      downloads: ['/home/u/app/out.yaml'],
    });
  });

  it('--from-file with and without a key, of files and directories', () => {
    const { argv, uploads } = rewrite(
      'create',
      'configmap',
      'c',
      '--from-file=web.yaml',
      '--from-file=key=/home/u/shared.yaml',
      '--from-file',
      'k8s',
      '--from-literal=a=web.yaml',
    );
    expect(argv.slice(3)).toEqual([
      '--from-file=web.yaml',
      `--from-file=key=${FOLDER}/home/u/shared.yaml`,
      '--from-file',
      'k8s',
      '--from-literal=a=web.yaml',
    ]);
    expect(uploads).toEqual([
      file('/home/u/app/web.yaml'),
      file('/home/u/shared.yaml'),
      { path: '/home/u/app/k8s', take: 'files' },
    ]);
  });

  it('--from-env-file, --patch-file, --cert and --key, --kubeconfig', () => {
    expect(rewrite('create', 'cm', 'c', '--from-env-file=columns.txt').uploads).toHaveLength(1);
    expect(rewrite('patch', 'deploy', 'web', '--patch-file', 'web.yaml').uploads).toHaveLength(1);
    expect(rewrite('--kubeconfig', 'web.yaml', 'get', 'pods').uploads).toHaveLength(1);
    expect(
      rewrite('create', 'secret', 'tls', 's', '--cert=/etc/ssl/tls.crt', '--key', '/etc/ssl/tls.key').argv,
    ).toEqual([
      'create',
      'secret',
      'tls',
      's',
      `--cert=${FOLDER}/etc/ssl/tls.crt`,
      '--key',
      `${FOLDER}/etc/ssl/tls.key`,
    ]);
  });

  it('output formats from files', () => {
    expect(rewrite('get', 'pods', '-o', 'custom-columns-file=columns.txt').uploads).toEqual([
      file('/home/u/app/columns.txt'),
    ]);
    expect(rewrite('get', 'pods', '-ojsonpath-file=/home/u/shared.yaml').argv[2]).toBe(
      `-ojsonpath-file=${FOLDER}/home/u/shared.yaml`,
    );
    expect(rewrite('get', 'pods', '-o', 'go-template-file', '--template=columns.txt').uploads).toHaveLength(
      1,
    );
    expect(rewrite('get', 'pods', '-o', 'go-template', '--template=columns.txt').uploads).toEqual([]);
  });
});

describe('cp', () => {
  it('uploads what goes into a pod', () => {
    expect(rewrite('cp', 'k8s', 'ns/web:/tmp/k8s', '-c', 'app')).toMatchObject({
      argv: ['cp', 'k8s', 'ns/web:/tmp/k8s', '-c', 'app'],
      uploads: [{ path: '/home/u/app/k8s', take: 'tree' }],
      downloads: [],
    });
    expect(rewrite('-n', 'x', 'cp', '--no-preserve', '/home/u/shared.yaml', 'web:/x').argv).toEqual([
      '-n',
      'x',
      'cp',
      '--no-preserve',
      `${FOLDER}/home/u/shared.yaml`,
      'web:/x',
    ]);
  });

  it('downloads what comes out of one', () => {
    expect(rewrite('cp', '--retries', '3', 'web:/etc/hosts', 'here/hosts')).toMatchObject({
      argv: ['cp', '--retries', '3', 'web:/etc/hosts', 'here/hosts'],
      uploads: [],
      downloads: ['/home/u/app/here/hosts'],
    });
    expect(rewrite('cp', 'web:/etc/hosts', '/var/tmp/hosts').argv[2]).toBe(`${FOLDER}/var/tmp/hosts`);
  });

  it('leaves two of a kind to kubectl', () => {
    expect(rewrite('cp', 'web.yaml', 'db.yaml')).toMatchObject({ uploads: [], downloads: [] });
    expect(rewrite('cp', 'a:/x', 'b:/y')).toMatchObject({ uploads: [], downloads: [] });
  });

  it('cluster-info dump', () => {
    expect(rewrite('cluster-info', 'dump', '--output-directory=dump').downloads).toEqual([
      '/home/u/app/dump',
    ]);
    expect(rewrite('cluster-info', 'dump', '--output-directory=-').downloads).toEqual([]);
  });
});
