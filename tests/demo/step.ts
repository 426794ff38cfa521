import type { Stage } from './stage.ts';

/** One thing that happens in the demo. */
export interface Step {
  /** For when it fails: "the agent asks to edit". */
  readonly name: string;
  /** Does it and answers what to tell about it, one plain line. */
  run(stage: Stage): Promise<string>;
}
