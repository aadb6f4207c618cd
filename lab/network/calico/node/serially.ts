/**
 * Makes calls of `work` follow each other: one at a time, and any number of requests that come while it runs
 * become one more run afterwards. So the last event is never missed and nothing runs twice at once.
 *
 * @param onError told of what a run throws
 */
export function serially(work: () => Promise<void>, onError: (error: unknown) => void): () => void {
  let running = false;
  let again = false;
  const loop = async () => {
    running = true;
    do {
      again = false;
      await work().catch(onError);
    } while (again);
    running = false;
  };
  return () => {
    if (running) again = true;
    else void loop();
  };
}
