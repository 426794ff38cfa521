import { coverage } from '../../../../../../src/host/policy/shell/match.ts';
import { readCommandLine } from '../../../../../../src/host/policy/shell/read-command-line.ts';
import { ATTACKS, ORDINARY_RULES } from './corpus.ts';
import { DEVELOPER_RULES } from './developer-rules.ts';
import { HARMLESS } from './harmless.ts';
import { rulesOf } from './rules.ts';

const FOLDER = '/home/p/project';

export interface CorpusFigures {
  readonly attacks: number;
  /** Attacks that the rules would let run. */
  readonly allowed: readonly string[];
  readonly harmless: number;
  /** Harmless commands that still ask, and why. */
  readonly asks: readonly { line: string; why: string }[];
}

/** Tries every attack and every harmless command against the rules of a developer. */
export function corpusFigures(): CorpusFigures {
  const rules = rulesOf([...new Set([...DEVELOPER_RULES, ...ORDINARY_RULES])]);
  const asks = HARMLESS.flatMap((line) => {
    const { covered, writes, opaque, commands } = coverage(readCommandLine(line), rules, {
      cwd: FOLDER,
    });
    if (covered && writes.length === 0) return [];
    const why = [...opaque, ...commands.flatMap((one) => one.why ?? [])].join('; ');
    return [{ line, why }];
  });
  const ordinary = rulesOf(ORDINARY_RULES);
  const allowed = ATTACKS.filter(({ line }) => {
    const { covered, writes } = coverage(readCommandLine(line), ordinary, { cwd: FOLDER });
    return covered && writes.length === 0;
  });
  return {
    attacks: ATTACKS.length,
    allowed: allowed.map(({ line }) => line),
    harmless: HARMLESS.length,
    asks,
  };
}
