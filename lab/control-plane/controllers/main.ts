import { readFileSync } from 'node:fs';
import { systemClock } from '../../api/client/index.ts';
import { startAddons } from './addons/addons.ts';
import { controllerManager } from './manager.ts';
import { runProgram } from './program.ts';
import { COLLECTABLE } from './resources.ts';
import { servedResources } from './served.ts';

// kube-controller-manager: all controllers over one set of informers.
await runProgram(
  'kube-controller-manager',
  '/etc/kubernetes/controller-manager.json',
  async ({ options, client, informers, log }) => {
    const { addonsDir, rootCaFile, nodeMonitorGracePeriodMs } = options;
    const stopAddons = addonsDir === undefined ? () => {} : startAddons(addonsDir, client, log);
    const manager = controllerManager({
      client,
      informers,
      clock: systemClock,
      log,
      collectable: await servedResources(client, COLLECTABLE),
      nodeMonitorGracePeriodMs,
      rootCA: rootCaFile === undefined ? undefined : readFileSync(rootCaFile, 'utf8'),
    });
    return {
      start: () => manager.start(),
      stop() {
        stopAddons();
        return manager.stop();
      },
    };
  },
);
