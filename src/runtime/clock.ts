import type { Clock } from "../types.ts";
import { after } from "./timer.ts";

/** The machine's clock. A sleep that is called off rejects with the signal's reason. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep(milliseconds, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const wake = () => {
        callOff();
        reject(signal!.reason);
      };
      const callOff = after(milliseconds, () => {
        signal?.removeEventListener("abort", wake);
        resolve();
      });
      signal?.addEventListener("abort", wake, { once: true });
    });
  },
};
