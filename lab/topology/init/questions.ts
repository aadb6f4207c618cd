import { addressFault, podCidrFault, serviceCidrFault, subnetFault } from '../checks/address.ts';
import { domainFault, interfaceNameFault, labNameFault } from '../checks/name.ts';
import { integerFault } from '../checks/number.ts';
import { type Check, type Fault, show } from '../fault.ts';
import { type AnswerKey, type Answers, type KnownAnswers, listOf } from './answers.ts';
import { relationFault } from './relations.ts';

export interface Question {
  readonly key: AnswerKey;
  /** e.g. `--worker-count`; it takes one value. */
  readonly flag: string;
  /** The wizard's step, e.g. `Step 2 - Cluster Configuration`. */
  readonly step: string;
  /** The wizard's name of the field. */
  readonly label: string;
  readonly help: string;
  /** The answer when none is given; it may follow from earlier ones. */
  default(known: KnownAnswers): string;
  /** What is wrong with an answer, by itself and beside the answers already there. */
  validate(text: string, known: KnownAnswers): Fault | undefined;
}

const GENERAL = 'Step 1 - General';
const CLUSTER = 'Step 2 - Cluster Configuration';
const CONTROL_PLANE = 'Step 3 - Control plane node pool configuration';
const WORKERS = 'Step 4 - Worker node pools configurations';

/** A number as it is typed. */
const whole =
  (check: Check<number>): Check<string> =>
  (text) => {
    if (/^-?\d+$/.test(text)) return check(Number(text));
    const fault = check(Number.NaN);
    return fault && { ...fault, message: `${show(text)} is not a whole number` };
  };

/** Several values in one answer; an empty answer is none. */
const each =
  (check: Check<string>): Check<string> =>
  (text) =>
    listOf(text)
      .map(check)
      .find((fault) => fault !== undefined);

function question(
  key: AnswerKey,
  step: string,
  label: string,
  help: string,
  fallback: string | ((known: KnownAnswers) => string),
  check: Check<string>,
): Question {
  return {
    key,
    flag: `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    step,
    label,
    help,
    default: typeof fallback === 'string' ? () => fallback : fallback,
    validate: (text, known) => check(text) ?? relationFault(key, { ...known, [key]: text }),
  };
}

const samePool = (known: KnownAnswers) => known.loadBalancerIpPool ?? '10.1.110.0/24';

/** The questions of the Intersight Kubernetes Service's cluster wizard that concern the network, in its order. */
export const INIT_QUESTIONS: readonly Question[] = [
  question('name', GENERAL, 'Cluster name', 'name of the lab', 'my-lab', labNameFault),
  question(
    'loadBalancerIpPool',
    CLUSTER,
    'IP pool',
    'subnet of the load-balancer addresses',
    '10.1.110.0/24',
    subnetFault,
  ),
  question(
    'loadBalancerCount',
    CLUSTER,
    'Load balancer count',
    'how many addresses services of type LoadBalancer may get',
    '3',
    whole(integerFault('the load-balancer count', 0, 65536, 3)),
  ),
  question('dnsServer', CLUSTER, 'DNS server', 'DNS servers of the nodes', '10.1.0.53', each(addressFault)),
  question(
    'dnsSuffix',
    CLUSTER,
    'DNS suffix',
    'search domains of the nodes',
    'lab.example',
    each(domainFault),
  ),
  question(
    'podNetworkCidr',
    CLUSTER,
    'Pod network CIDR',
    'addresses of pods, 64 for each node',
    '192.168.0.0/16',
    podCidrFault,
  ),
  question(
    'serviceNetworkCidr',
    CLUSTER,
    'Service network CIDR',
    'addresses of services, between /8 and /24',
    '10.96.0.0/16',
    serviceCidrFault,
  ),
  question(
    'controlPlaneIpPool',
    CONTROL_PLANE,
    'IP pool',
    'subnet of the control-plane node; the one of step 2 unless told',
    samePool,
    subnetFault,
  ),
  question(
    'interface',
    CONTROL_PLANE,
    'Interface',
    "the nodes' interface in their network",
    'ens192',
    interfaceNameFault,
  ),
  question(
    'workerIpPool',
    WORKERS,
    'IP pool',
    'subnet of the workers; the one of step 2 unless told',
    samePool,
    subnetFault,
  ),
  question(
    'workerCount',
    WORKERS,
    'Worker node count',
    'how many workers',
    '2',
    whole(integerFault('the number of workers', 0, 100, 2)),
  ),
];

/** Answers with the wizard's defaults for what is not known. */
export function completeAnswers(known: KnownAnswers): Answers {
  const answers: Partial<Record<AnswerKey, string>> = { ...known };
  for (const item of INIT_QUESTIONS) answers[item.key] ??= item.default(answers);
  return answers as Answers;
}

/** All that is wrong with a set of answers; a pair that clashes is reported once, at the later one. */
export function answerFaults(answers: Answers): { question: Question; fault: Fault }[] {
  const known: Partial<Record<AnswerKey, string>> = {};
  return INIT_QUESTIONS.flatMap((item) => {
    const fault = item.validate(answers[item.key], known);
    // A wrong answer is not held against the others.
    if (!fault) known[item.key] = answers[item.key];
    return fault ? [{ question: item, fault }] : [];
  });
}
