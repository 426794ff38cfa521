import type { Home } from '../../local/home.ts';
import type { Env } from '../agents/clean-env.ts';
import type { ConfigFile } from '../config/config.ts';
import type { Problems } from '../problems.ts';
import type { ModeSettings } from '../sessions/mode-bounds.ts';
import { Confinement } from './confinement.ts';
import { sandboxFor } from './sandbox.ts';

export interface SandboxParts {
  readonly home: Home;
  readonly config: ConfigFile;
  readonly problems: Problems;
  modes(this: void): ModeSettings;
  loginEnv(this: void): Promise<Env>;
}

export function composeSandbox({ home, config, problems, modes, loginEnv }: SandboxParts) {
  return new Confinement({
    home,
    sandbox: sandboxFor(process.platform, { env: loginEnv, nowMs: () => performance.now() }),
    config: () => config.current(),
    settings: modes,
    tell: (problem) => problems.set('sandbox', problem),
  });
}
