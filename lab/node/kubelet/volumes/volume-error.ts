/** A volume cannot be set up; the message is that of the FailedMount event. */
export class VolumeError extends Error {
  constructor(volume: string, why: string) {
    super(`MountVolume.SetUp failed for volume "${volume}" : ${why}`);
    this.name = 'VolumeError';
  }
}
