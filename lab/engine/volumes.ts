import type { Engine } from './connect.ts';
import { asking, dockerError, isNotFound } from './errors.ts';
import { LABEL, objectName } from './labels.ts';
import { HOPLAB_VERSION } from './version.ts';

/** Makes a lab's volume (e.g. `hoplab-iks-worker1-kubelet`), or finds it. Returns Docker's name of it. */
export async function ensureVolume(engine: Engine, lab: string, name: string): Promise<string> {
  const dockerName = objectName(lab, name);
  await asking(`volume ${dockerName} cannot be created`, ['docker', 'volume', 'create', dockerName], () =>
    // Creating a volume that exists is no error and changes nothing.
    engine.docker.createVolume({
      Name: dockerName,
      Labels: { [LABEL.lab]: lab, [LABEL.name]: name, [LABEL.version]: HOPLAB_VERSION },
    }),
  );
  return dockerName;
}

/** Removes a volume; one that is gone is no error. */
export async function removeVolume(engine: Engine, dockerName: string): Promise<void> {
  try {
    await engine.docker.getVolume(dockerName).remove();
  } catch (error) {
    if (!isNotFound(error))
      throw dockerError(error, `volume ${dockerName} cannot be removed`, [
        'docker',
        'volume',
        'rm',
        dockerName,
      ]);
  }
}
