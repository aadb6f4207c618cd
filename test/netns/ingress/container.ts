import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const docker = promisify(execFile);
const INSIDE = ['inside.js', 'name-server.js'];

/** A container without a network, entered with docker and by its network namespace, which has the container's name. */
export class Container {
  readonly name: string;

  private constructor(name: string) {
    this.name = name;
  }

  /**
   * As a pod: no capability besides the default ones. Its addresses are 127.0.0.0/8 and 192.168.0.0/16.
   *
   * @param folder is /test in there
   */
  static async start(name: string, image: string, folder: string): Promise<Container> {
    await docker('docker', ['rm', '-f', name]).catch(() => {});
    // The name of a namespace outlives a run that was killed.
    if (existsSync(`/run/netns/${name}`)) execFileSync('ip', ['netns', 'delete', name]);
    for (const file of INSIDE) {
      copyFileSync(fileURLToPath(new URL(file, import.meta.url)), join(folder, file));
    }
    const run = ['run', '-d', '--name', name, '--network', 'none', '-v', `${folder}:/test:ro`];
    await docker('docker', [...run, image, 'sleep', 'infinity']);
    const { stdout: pid } = await docker('docker', ['inspect', '-f', '{{.State.Pid}}', name]);
    execFileSync('ip', ['netns', 'attach', name, pid.trim()]);
    // Addresses for endpoints: the API takes none of 127.0.0.0/8.
    execFileSync('ip', ['-n', name, 'address', 'add', '192.168.0.0/16', 'dev', 'lo']);
    return new Container(name);
  }

  spawn(command: readonly string[], environment: readonly string[] = []): ChildProcess {
    const env = environment.flatMap((one) => ['-e', one]);
    return spawn('docker', ['exec', ...env, this.name, ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** Runs a shell command. */
  async sh(command: string): Promise<string> {
    const argv = ['exec', this.name, 'sh', '-c', command];
    const { stdout } = await docker('docker', argv, { maxBuffer: 64 << 20 });
    return stdout;
  }

  /** A process of inside.js. */
  inside(): Inside {
    return new Inside(this.name);
  }

  async remove(): Promise<void> {
    await docker('docker', ['rm', '-f', this.name]).catch(() => {});
    execFileSync('ip', ['netns', 'delete', this.name]);
  }
}

interface Answer {
  readonly result?: unknown;
  readonly error?: string;
}

/** Commands to a process in the container, and its answers: docker itself takes a tenth of a second for each. */
export class Inside {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #next = 1;

  constructor(container: string) {
    const child = spawn('docker', ['exec', '-i', container, 'node', '/test/inside.js'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { id, ...answer } = JSON.parse(line);
      this.#waiting.get(id)?.(answer);
      this.#waiting.delete(id);
    });
    this.#child = child;
  }

  async command<T>(command: string, options: object = {}): Promise<T> {
    const id = this.#next++;
    const answer = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    this.#child.stdin?.write(`${JSON.stringify({ id, command, ...options })}\n`);
    const { result, error } = await answer;
    if (error !== undefined) throw new Error(`${command}: ${error}`);
    return result as T;
  }

  end(): void {
    this.#child.kill();
  }
}
