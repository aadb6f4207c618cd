/** What is asked, by the name commander gives an option (`--worker-count` is `workerCount`). */
export type AnswerKey =
  | 'name'
  | 'loadBalancerIpPool'
  | 'loadBalancerCount'
  | 'dnsServer'
  | 'dnsSuffix'
  | 'podNetworkCidr'
  | 'serviceNetworkCidr'
  | 'controlPlaneIpPool'
  | 'interface'
  | 'workerIpPool'
  | 'workerCount';

export type Answers = Readonly<Record<AnswerKey, string>>;
export type KnownAnswers = Readonly<Partial<Record<AnswerKey, string>>>;

/** The values of an answer such as `10.1.0.53, 10.1.0.54`; `none` is none. */
export function listOf(text: string): string[] {
  return text === 'none' ? [] : text.split(/[\s,]+/).filter(Boolean);
}
