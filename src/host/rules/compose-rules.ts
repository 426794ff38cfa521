import { join } from 'node:path';
import type { Logger } from '../../base/log.ts';
import type { ConfigFile } from '../config/config.ts';
import type { Problems } from '../problems.ts';
import { commandProblem } from './command-problem.ts';
import { GoodSets } from './good-sets.ts';
import { PolicyFile } from './policy-file.ts';
import type { PolicyPlace } from './policy-path.ts';
import { EffectiveSettings } from './settings.ts';

export interface RulesNeeds {
  readonly homeRoot: string;
  readonly config: ConfigFile;
  readonly logger: Logger;
  readonly problems: Problems;
  readonly policyPlace: PolicyPlace;
}

export function composeRules({ homeRoot, config, logger, problems, policyPlace }: RulesNeeds) {
  const good = new GoodSets(join(homeRoot, 'rules-good.json'), logger);
  const policyFile = new PolicyFile({ place: policyPlace, good, logger, commandProblem });
  const settings = new EffectiveSettings({ config, policy: policyFile });
  problems.set('policy', policyFile.current().problem);
  policyFile.changed.on(({ problem }) => problems.set('policy', problem));
  return { settings };
}
