/** A command job as the gateway's own cron holds it; fields have the gateway's names. */
export interface NativeJob {
  id: string;
  name: string;
  enabled: boolean;
  description?: string;
  declarationKey?: string;
  payload: { kind: string };
  state: NativeState;
}

/** When it runs, ran last, and is due; what is due and has not begun lies in the past. */
export interface NativeState {
  runningAtMs?: number;
  lastRunAtMs?: number;
  nextRunAtMs?: number;
}

/** What is stored there: everything an operator writes, with the id it must keep. */
export interface NativeDefinition {
  id: string;
  enabled: boolean;
  [field: string]: unknown;
}

/**
 * The gateway's own cron, as far as moving jobs needs it. Every call is one atomic change there and raises when it was
 * refused. The host implements it; tests fail it at every step.
 */
export interface NativeCron {
  /** Its command jobs, disabled ones included. */
  list(): Promise<NativeJob[]>;
  get(id: string): Promise<NativeJob | undefined>;
  /**
   * Disables a job unless it is running, and answers how it stood. Raises JOB_BUSY, and then nothing has changed.
   */
  disable(id: string, description: string): Promise<NativeState>;
  /** Makes the job with this id what the definition says, whether it existed or not. */
  put(definition: NativeDefinition): Promise<void>;
}
