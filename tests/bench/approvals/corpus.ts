import { compileRules } from '../../../src/host/policy/match/compile-rules.ts';
import { thisMachine } from '../../../src/host/policy/paths/this-machine.ts';
import { RulesPolicy } from '../../../src/host/policy/rules-policy.ts';
import { ownPlaces } from '../../../src/host/policy/self/own-places.ts';
import { homeOf } from '../../../src/local/home.ts';
import { ATTACKS, ORDINARY_RULES } from '../../unit/host/policy/shell/corpus/corpus.ts';
import { figure, type Figure } from '../figure.ts';

/** How many of the commands that were written to slip through do. */
export async function benchCorpus(): Promise<Figure[]> {
  const world = thisMachine();
  const compiled = compileRules(
    ORDINARY_RULES.map((command) => ({
      ref: { source: 'user', id: command, text: command },
      rule: { decision: 'allow', command },
      mayLoosen: true,
      project: null,
    })),
    world,
  );
  const policy = new RulesPolicy({
    rules: { current: () => compiled },
    world,
    own: ownPlaces(homeOf({ PORCHLIGHT_HOME: '/nowhere/.porchlight' }), {
      program: null,
      policyFile: null,
      ports: () => [],
      hosts: () => [],
    }),
    profile: () => null,
    now: () => Date.now(),
  });
  const allowed = ATTACKS.filter(({ line: command }) => {
    const call = { tool: 'Bash', input: { command }, locations: [], diff: [] };
    const place = {
      ...{ sessionId: null, agent: 'codex', cwd: '/nowhere/project', base: null },
      ...{ branch: null, mode: null },
    };
    return policy.judge({ kind: 'execute', title: command, call }, place).decision === 'allow';
  });
  return [
    figure('commands written to slip through', ATTACKS.length, 'lines', { atLeast: 400 }),
    figure('  wrongly allowed', allowed.length, 'lines', { atMost: 0 }),
  ];
}
