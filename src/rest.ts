/**
 * Loads what of this program is otherwise loaded when it is called, for whoever is about to wait
 * long, for a person or for callers: what is replaced or removed meanwhile is not there to be loaded
 * any more. It takes 20 ms of the processor, once.
 *
 * The build puts the list of these modules here (scripts/chunks.ts); the sources stay where they are.
 */
export function loadRest(): Promise<unknown> {
  return Promise.resolve();
}
