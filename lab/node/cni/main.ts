import { runPlugin } from './plugin.ts';

/** The executable `calico` under /opt/cni/bin. Its imports are few on purpose: every pod waits for it to start. */
async function main(): Promise<void> {
  let stdin = '';
  process.stdin.setEncoding('utf8');
  for await (const chunk of process.stdin) stdin += chunk;
  const { stdout, exitCode } = await runPlugin(process.env, stdin);
  if (stdout !== '') process.stdout.write(`${stdout}\n`);
  process.exitCode = exitCode;
}

void main();
