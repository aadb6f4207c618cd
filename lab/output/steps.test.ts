import { describe, expect, it } from 'vitest';
import { Steps } from './steps.ts';

const sink = (isTTY = false) => {
  const written: string[] = [];
  return { isTTY, write: (text: string) => written.push(text), text: () => written.join('') };
};

describe('steps', () => {
  it('prints one plain line per step when there is no terminal', async () => {
    const stream = sink();
    const steps = new Steps({ stream });
    expect(await steps.run('networks', async () => 7)).toBe(7);
    expect(stream.text()).toBe(' ✓ networks\n');
  });

  it('shows a failed step and throws its error on', async () => {
    const stream = sink();
    const steps = new Steps({ stream });
    const failing = steps.run('nodes', async () => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(stream.text()).toContain('✗ nodes');
  });

  it('says nothing when quiet', async () => {
    const stream = sink(true);
    const steps = new Steps({ stream, quiet: true });
    await steps.run('x', async (step) => step.note('y'));
    expect(stream.text()).toBe('');
  });

  it('keeps finished lines when the live region is redrawn', async () => {
    const stream = sink(true);
    const steps = new Steps({ stream, color: false });
    await Promise.all([steps.run('a', async () => {}), steps.run('b', async () => {})]);
    expect(stream.text()).toContain('✓ a');
    expect(stream.text()).toContain('✓ b');
  });
});
