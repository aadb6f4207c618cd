let last: Promise<unknown> = Promise.resolve();

/**
 * One after the other: pods that come at once would all read the same block, and all but one write it in vain.
 * Other processes and nodes are held off by the datastore's revisions.
 */
export function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const done = last.then(work);
  last = done.catch(() => {});
  return done;
}
