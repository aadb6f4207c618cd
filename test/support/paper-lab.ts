import { connectEngine, listLabs } from '../../lab/engine/index.ts';
import { hoplab } from './hoplab.ts';

const up = async (): Promise<boolean> => (await listLabs(await connectEngine())).includes('iks');

/** Several test files share the white paper's lab, one after the other. It goes after the last, unless it was up before the first. */
export default async function setup(): Promise<() => Promise<void>> {
  const wasUp = await up();
  return async () => {
    if (!wasUp && (await up())) await hoplab(['down', '-n', 'iks']);
  };
}
