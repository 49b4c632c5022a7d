import { openLibc } from "./libc.ts";
import { signalNumber } from "./signals.ts";

/**
 * Stops us as Ctrl-Z stops a program that does not listen; by `fg` it goes on from here. Where no shell
 * could bring us back (`ssh -t`, a terminal's only program), the kernel lets that pass.
 */
export function stopByKey(): void {
  const libc = openLibc({
    sigaction: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
    raise: { parameters: ["i32"], result: "i32" },
  });
  const number = signalNumber("SIGTSTP")!;
  // All zeros: the default action. With room to spare: `struct sigaction` is shorter.
  const [usual, ours] = [new BigUint64Array(32), new BigUint64Array(32)];
  if (libc === undefined || libc.sigaction(number, usual, ours) !== 0) return;
  libc.raise(number);
  libc.sigaction(number, ours, new BigUint64Array(32));
}
