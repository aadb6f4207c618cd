/** A value as Go's `%#v` prints it: error messages of the real server quote its internal types. */
export class GoText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** `%q`. JSON escapes the same characters that occur in practice. */
export function goQuote(value: string | undefined): string {
  return JSON.stringify(value ?? '');
}

/** `[]string{"a", "b"}`, `[]string(nil)`; `type` as in `[]networking.PolicyType`. */
export function goStrings(values: readonly string[] | undefined, type = '[]string'): GoText {
  return new GoText(values ? `${type}{${values.map(goQuote).join(', ')}}` : `${type}(nil)`);
}

/** `map[string]string{"app":"x"}`, keys sorted as fmt does. */
export function goStringMap(values: Readonly<Record<string, string>> | undefined): GoText {
  if (!values) return new GoText('map[string]string(nil)');
  const entries = Object.keys(values)
    .sort()
    .map((key) => `${goQuote(key)}:${goQuote(values[key] ?? '')}`);
  return new GoText(`map[string]string{${entries.join(', ')}}`);
}

interface LabelSelectorLike {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

/** A metav1.LabelSelector. */
export function goLabelSelector(selector: LabelSelectorLike): GoText {
  const type = '[]v1.LabelSelectorRequirement';
  const expressions = selector.matchExpressions?.map(
    ({ key, operator, values }) =>
      `v1.LabelSelectorRequirement{Key:${goQuote(key)}, Operator:${goQuote(operator)}, Values:${goStrings(values).text}}`,
  );
  const list = expressions ? `${type}{${expressions.join(', ')}}` : `${type}(nil)`;
  return new GoText(
    `v1.LabelSelector{MatchLabels:${goStringMap(selector.matchLabels).text}, MatchExpressions:${list}}`,
  );
}

/** An intstr.IntOrString. */
export function goIntOrString(value: number | string): GoText {
  return typeof value === 'number'
    ? new GoText(`intstr.IntOrString{Type:0, IntVal:${value}, StrVal:""}`)
    : new GoText(`intstr.IntOrString{Type:1, IntVal:0, StrVal:${goQuote(value)}}`);
}
