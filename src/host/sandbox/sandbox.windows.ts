import type { Probe, Sandbox } from './confiner.ts';

/** Nothing that Windows has keeps a program in a folder without rewriting the folder's own rights. */
export class WindowsSandbox implements Sandbox {
  async probe(): Promise<Probe> {
    return {
      works: false,
      why: 'There is no sandbox for agents on Windows.',
      fix: 'Run Porchlight in WSL, or use a mode that asks.',
    };
  }
}
