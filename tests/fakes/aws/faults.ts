/** How a call is to be refused, in AWS's terms: `{ code: "Throttling", status: 400 }`. */
export interface Failure {
  readonly code: string;
  readonly status: number;
  readonly message?: string;
  /** What was asked for is done all the same, as when AWS fails on its way out. */
  readonly isDone?: boolean;
}

/** What is to go wrong with one call. A drop "after" loses the answer of a call that was done. */
export interface Fault {
  failure?: Failure;
  delayMs?: number;
  drop?: "before" | "after";
}

interface PlannedFault extends Fault {
  readonly action: string;
  callsLeft: number;
  /** What is wrong where no call meets it, with the place that planned it; absent once one has. */
  unmet?: Error;
}

/** Faults planned for coming calls, by `Action` or `service.Action`; of two, the older goes first. */
export class Faults {
  readonly #planned: PlannedFault[] = [];

  plan(action: string, fault: Fault, calls: number): void {
    const unmet = new Error(`a fault was planned for ${action}, and not met`);
    this.#planned.push({ ...fault, action, callsLeft: calls, unmet });
  }

  /** One fault of each kind at most, each of them now used up by one call. */
  take(service: string, action: string): Fault {
    const taken: Fault = {};
    for (const planned of this.#planned) {
      const matches = planned.action === action || planned.action === `${service}.${action}`;
      if (!matches || planned.callsLeft <= 0) continue;
      const isTaken = (planned.failure && taken.failure) ||
        (planned.delayMs !== undefined && taken.delayMs !== undefined) ||
        (planned.drop && taken.drop);
      if (isTaken) continue;
      planned.callsLeft--;
      planned.unmet = undefined;
      taken.failure ??= planned.failure;
      taken.delayMs ??= planned.delayMs;
      taken.drop ??= planned.drop;
    }
    return taken;
  }

  /** The first that no call has met: whoever planned it did not see what it does. */
  findUnmet(): Error | undefined {
    return this.#planned.find(({ unmet }) => unmet !== undefined)?.unmet;
  }

  clear(): void {
    this.#planned.length = 0;
  }
}
