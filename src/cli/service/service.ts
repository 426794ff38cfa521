import type { RunProgram } from '../doctor/run-program.ts';
import { launchdService } from './service.macos.ts';
import { systemdService } from './service.linux.ts';
import { taskService } from './service.windows.ts';

/** What the system is to start at login: the keeper of one home. */
export interface ServicePlan {
  /** `porchlight`, or `porchlight-<hash>` for a home that is not the default one. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** For what the keeper cannot know: scripts of ours that start it. */
  readonly keeperState: string;
}

export interface ServiceStatus {
  readonly installed: boolean;
  /** It will be started at the next login. */
  readonly enabled: boolean;
  readonly kind: 'systemd' | 'launchd' | 'task';
  /** Starts exactly this build, as `install` would write it. False also when nothing is installed. */
  readonly current: boolean;
  /** What is left to be said, each a sentence with its fix. */
  readonly remarks: readonly string[];
}

/** The system's own way of starting a program of one user at login. */
export interface Service {
  /** Writes, enables and starts; again when it is there already. Throws words with the fix. */
  install(): Promise<void>;
  /** Undoes `install`; a keeper that runs goes on. */
  remove(): Promise<void>;
  status(): Promise<ServiceStatus>;
}

/** The machine, as far as services need it. */
export interface ServiceWorld {
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
  /** The user's home folder, name and number (−1 on Windows). */
  readonly userFolder: string;
  readonly userName: string;
  readonly uid: number;
  readonly run: RunProgram;
}

export function serviceFor(plan: ServicePlan, world: ServiceWorld): Service {
  if (world.platform === 'win32') return taskService(plan, world);
  return world.platform === 'darwin' ? launchdService(plan, world) : systemdService(plan, world);
}
