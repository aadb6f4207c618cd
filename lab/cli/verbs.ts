import type { Command } from 'commander';
import type { VerbContext } from './context.ts';

/** A verb's module: its action takes commander's arguments and gives the exit code. */
type Action = (context: VerbContext, ...args: never[]) => Promise<number>;

/**
 * Declares every verb. A verb's code is imported when it is called, so that `--help` and `validate` do not
 * pay for Docker's client.
 *
 * @param argv the command line: the flags of `init` are its questions, which are loaded only for it
 * @param setExitCode receives the code of the verb that ran
 */
export async function registerVerbs(
  program: Command,
  argv: readonly string[],
  setExitCode: (code: number) => void,
): Promise<void> {
  /** Runs `load`ed action with the global options and the verb's own. */
  const lazily =
    (load: () => Promise<{ action: Action }>) =>
    async (...received: unknown[]) => {
      const command = received.at(-1) as Command;
      const positional = received.slice(0, -2);
      const { makeContext } = await import('./context.ts');
      const { action } = await load();
      const context = makeContext(command.optsWithGlobals());
      setExitCode(await action(context, ...(positional as never[])));
    };
  const verb = (name: string, description: string, load: () => Promise<{ action: Action }>) =>
    program.command(name).description(description).action(lazily(load));
  // Also behind the verb, where people type them; in front of it they are the program's.
  const withCommonOptions = (command: Command): void => {
    // `init` asks for a name itself: that of the lab in the file it writes.
    if (command.name() !== 'init') command.option('-n, --name <lab>', 'name of the lab');
    command.option('-q, --quiet', 'no progress on stderr').option('-v, --verbose', 'more detail on stderr');
  };
  const timeout = ['--timeout <seconds>', 'give up after this long', '120'] as const;
  const output = ['-o, --output <format>', 'table, json or yaml', 'table'] as const;

  verb('up', 'build the lab, or bring it to what the topology says', () => import('./verbs/up.ts'))
    .option('-t, --topology <file>', 'topology file (default: topologies/iks.yaml)')
    .option('--dry-run', 'print the plan and change nothing')
    .option('--retain', 'keep everything as it is when a step fails')
    .option(...output)
    .option(...timeout);
  verb('down', 'remove the lab: its containers, networks and volumes', () => import('./verbs/down.ts'))
    .option('--all', 'every lab of this engine')
    .option('--images', 'also the images and the image store that hoplab built');
  verb('status', 'nodes, tunnels, BGP sessions and pods', () => import('./verbs/status.ts')).option(
    ...output,
  );
  verb(
    'exec <target> [command...]',
    'run a command on a node, host or pod (`exec worker1 -- ip route`)',
    () => import('./verbs/exec.ts'),
  )
    .option('-c, --container <name>', 'container of the pod')
    .passThroughOptions();
  // Nothing behind the verb is the lab's, not even -n and --help.
  const kubectl = verb(
    'kubectl [arguments...]',
    "kubectl of the control-plane node, with this machine's files (`kubectl apply -f web.yaml`)",
    () => import('./verbs/kubectl.ts'),
  )
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions();
  verb(
    'kubeconfig',
    "a kubeconfig for this machine's own kubectl, and its way to the API while the command runs",
    () => import('./verbs/kubeconfig.ts'),
  )
    .option('-o, --out <file>', 'where to write it; `-` is stdout (default: kubeconfig-<lab>)')
    .option('--port <number>', 'port on 127.0.0.1; 0 is a free one', '0');
  verb('shell <target>', 'a shell on a node, host or pod', () => import('./verbs/shell.ts')).option(
    '-c, --container <name>',
    'container of the pod',
  );
  verb(
    'logs <target> [program]',
    'logs of a pod, or of a node and its programs',
    () => import('./verbs/logs.ts'),
  )
    .option('-c, --container <name>', 'container of the pod')
    .option('-f, --follow', 'keep printing')
    .option('--tail <lines>', 'only the last lines');
  verb(
    'capture <target> <interface> [filter...]',
    'packets on an interface, as text or pcap',
    () => import('./verbs/capture.ts'),
  )
    .option('-w, --write <file>', 'write pcap to a file; `-` is stdout, for Wireshark')
    .option('-c, --count <packets>', 'stop after this many')
    .passThroughOptions();
  verb('graph', 'a picture of the running lab', () => import('./verbs/graph.ts')).option(
    '-f, --format <format>',
    'mermaid or dot',
    'mermaid',
  );
  const node = program.command('node').description('stop, start or restart a node');
  for (const [name, text] of [
    ['stop', 'shut a node down'],
    ['start', 'start a stopped node and wait until it is ready'],
    ['restart', 'stop and start a node'],
  ] as const) {
    const command = node
      .command(`${name} <node>`)
      .description(text)
      .action(
        lazily(async () => {
          const { actions } = await import('./verbs/node.ts');
          return { action: actions[name] };
        }),
      );
    if (name !== 'start')
      command.option('--power-cut', 'as if the power went away: nothing is said to the peers');
    if (name !== 'stop') command.option(...timeout);
  }
  verb('validate [files...]', 'check topology files', () => import('./verbs/validate.ts'));
  const init = verb(
    'init [file]',
    "write a topology by answering the wizard's questions",
    () => import('./verbs/init.ts'),
  )
    .option('-f, --force', 'overwrite the file')
    .option('-y, --yes', 'ask nothing: flags and defaults');
  if (argv.includes('init')) {
    const { INIT_QUESTIONS } = await import('../topology/index.ts');
    for (const question of INIT_QUESTIONS) {
      init.option(`${question.flag} <value>`, `${question.help} (default: ${question.default({})})`);
    }
  }
  verb(
    'load-image <name>',
    "bring an image of your engine into the lab's nodes",
    () => import('./verbs/load-image.ts'),
  );
  verb(
    'doctor',
    'engine, kernel and free addresses, and what the lab does about them',
    () => import('./verbs/doctor.ts'),
  )
    .option('-t, --topology <file>', 'topology file whose addresses are checked')
    .option(...output);
  const scenario = program
    .command('scenario')
    .description('scripted scenarios: tests, demonstrations, workbook');
  scenario
    .command('list')
    .description('all scenarios')
    .option(...output)
    .action(lazily(async () => ({ action: (await import('./verbs/scenario.ts')).list })));
  scenario
    .command('run [names...]')
    .description('run scenarios (all, or by name or chapter)')
    .option('--step', 'wait for Enter before each step')
    .option('--fail-fast', 'stop at the first scenario that fails')
    .option('--workbook <dir>', 'write each as a workbook page')
    .option('--junit <file>', 'write a JUnit report')
    .option(...output)
    .action(lazily(async () => ({ action: (await import('./verbs/scenario.ts')).run })));
  for (const command of program.commands) {
    if (command === kubectl) continue;
    for (const each of [command, ...command.commands]) withCommonOptions(each);
  }
}
