/** The line that iptables-restore complained about, and its number, if it named one: `line 12 failed`, `line 12: …`. */
export function failingLine(input: string, stderr: string): { number: number; text: string } | undefined {
  const number = Number(/\bline:? (\d+)/i.exec(stderr)?.[1] ?? 0);
  const text = input.split('\n')[number - 1];
  return text === undefined || number === 0 ? undefined : { number, text };
}
