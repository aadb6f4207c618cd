/** Checks of k8s.io/apimachinery/pkg/util/validation: each returns what is wrong, in its words; nothing when all is well. */
export type NameCheck = (value: string) => readonly string[];

const label1123 = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const subdomain1123 = `${label1123}(\\.${label1123})*`;
const label1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const qualifiedCharacters = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const labelValue = `(${qualifiedCharacters})?`;
const environmentName = '[-._a-zA-Z][-._a-zA-Z0-9]*';
const configKey = '[-._a-zA-Z0-9]+';

const whole = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`);
const patterns = {
  label1123: whole(label1123),
  subdomain1123: whole(subdomain1123),
  wildcard: whole(`\\*\\.${subdomain1123}`),
  label1035: whole(label1035),
  qualified: whole(qualifiedCharacters),
  labelValue: whole(labelValue),
  environmentName: whole(environmentName),
  configKey: whole(configKey),
};

const label1123Message = regexMessage(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  label1123,
  'my-name',
  '123-abc',
);
const subdomainMessage = regexMessage(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  subdomain1123,
  'example.com',
);
const wildcardMessage = regexMessage(
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  `\\*\\.${subdomain1123}`,
  '*.example.com',
);
const label1035Message = regexMessage(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  label1035,
  'my-name',
  'abc-123',
);
const qualifiedMessage = regexMessage(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  qualifiedCharacters,
  'MyName',
  'my.name',
  '123-abc',
);
const labelValueMessage = regexMessage(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  labelValue,
  'MyValue',
  'my_value',
  '12345',
);
const environmentNameMessage = regexMessage(
  "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit",
  environmentName,
  'my.env-name',
  'MY_ENV.NAME',
  'MyEnvName1',
);
const configKeyMessage = regexMessage(
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  configKey,
  'key.name',
  'KEY_NAME',
  'key-name',
);

export function isDNS1123Label(value: string): string[] {
  return checked(value, 63, patterns.label1123, label1123Message);
}

export function isDNS1123Subdomain(value: string): string[] {
  return checked(value, 253, patterns.subdomain1123, subdomainMessage);
}

export function isWildcardDNS1123Subdomain(value: string): string[] {
  return checked(value, 253, patterns.wildcard, wildcardMessage);
}

export function isDNS1035Label(value: string): string[] {
  return checked(value, 63, patterns.label1035, label1035Message);
}

export function isLabelValue(value: string): string[] {
  return checked(value, 63, patterns.labelValue, labelValueMessage);
}

/** `name` or `example.com/name`: keys of labels and annotations, names of finalizers and conditions. */
export function isQualifiedName(value: string): string[] {
  const parts = value.split('/');
  if (parts.length > 2) {
    return [
      `a qualified name ${qualifiedMessage} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const messages: string[] = [];
  const name = parts.at(-1) ?? '';
  if (parts.length === 2) {
    const prefix = parts[0] ?? '';
    if (prefix === '') messages.push('prefix part must be non-empty');
    else messages.push(...isDNS1123Subdomain(prefix).map((message) => `prefix part ${message}`));
  }
  if (name === '') messages.push('name part must be non-empty');
  else if (name.length > 63) messages.push('name part must be no more than 63 characters');
  if (!patterns.qualified.test(name)) messages.push(`name part ${qualifiedMessage}`);
  return messages;
}

export function isEnvironmentName(value: string): string[] {
  const messages = patterns.environmentName.test(value) ? [] : [environmentNameMessage];
  return [...messages, ...dots(value)];
}

export function isConfigMapKey(value: string): string[] {
  const messages = value.length > 253 ? ['must be no more than 253 characters'] : [];
  if (!patterns.configKey.test(value)) messages.push(configKeyMessage);
  return [...messages, ...dots(value)];
}

/** RFC 6335 service names: names of container ports and target ports. */
export function isPortName(value: string): string[] {
  const messages: string[] = [];
  if (value.length > 15) messages.push('must be no more than 15 characters');
  if (!/^[-a-z0-9]+$/.test(value)) {
    messages.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  }
  if (!/[a-z]/.test(value)) messages.push('must contain at least one letter (a-z)');
  if (value.includes('--')) messages.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) messages.push('must not begin or end with a hyphen');
  return messages;
}

export function isPortNumber(value: number): string[] {
  return inRange(value, 1, 65535);
}

export function inRange(value: number, low: number, high: number): string[] {
  return value >= low && value <= high ? [] : [`must be between ${low} and ${high}, inclusive`];
}

/** generateName is a prefix: a dash at its end will be followed by five characters. */
export function asPrefix(check: NameCheck): NameCheck {
  return (value) => check(value.length > 1 && value.endsWith('-') ? `${value.slice(0, -2)}a` : value);
}

function dots(value: string): string[] {
  if (value === '.') return ["must not be '.'"];
  if (value === '..') return ["must not be '..'"];
  return value.startsWith('..') ? ["must not start with '..'"] : [];
}

function checked(value: string, maximum: number, pattern: RegExp, message: string): string[] {
  const messages = value.length > maximum ? [`must be no more than ${maximum} characters`] : [];
  if (!pattern.test(value)) messages.push(message);
  return messages;
}

/** validation.RegexError; the two spaces before `or` are the original's. */
function regexMessage(message: string, pattern: string, ...examples: string[]): string {
  const quoted = examples.map((example) => `'${example}'`).join(',  or ');
  return `${message} (e.g. ${quoted}, regex used for validation is '${pattern}')`;
}
