import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withDeadline } from '../../base/deadline.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import { rulesFileSchema, type RuleFile } from '../../protocol/rules/rule.ts';
import { findHost } from '../host/host-link.ts';
import { count, oneLine } from '../output/text.ts';
import {
  bad,
  codeOf,
  fine,
  messageOf,
  type Check,
  type DoctorWorld,
  type Finding,
} from './check.ts';

const HOST_LIMIT_MS = 3_000;

/** Whether the files of rules say what their writers mean. */
export const rulesChecks: readonly Check[] = [{ check: 'rules', matters: true, look: rules }];

async function rules(world: DoctorWorld): Promise<Finding> {
  const { cli } = world;
  const link = await withDeadline(findHost(cli), HOST_LIMIT_MS, 'Connecting to the host');
  if (link === null) return await withoutHost(join(cli.home.root, 'rules.json'));
  try {
    const { files } = await withDeadline(
      link.client.call('rules.list', {}),
      HOST_LIMIT_MS,
      'Asking the host for its rules',
    );
    return rulesFinding(files);
  } catch (error) {
    if (error instanceof RpcFailure) return fine('not asked, since this host keeps none');
    throw error;
  } finally {
    link.close();
  }
}

export function rulesFinding(files: readonly RuleFile[]): Finding {
  const wrong = files.filter(({ state }) => state === 'bad');
  const [first] = wrong;
  if (first !== undefined)
    return bad(
      wrong.map(({ problem, path }) => oneLine(problem ?? path)).join(' '),
      `Mend ${first.path}; what holds meanwhile: porchlight rules`,
    );
  const there = files.filter(({ state }) => state !== 'none');
  const untrusted = there.filter(({ state }) => state === 'untrusted').length;
  const all = there.reduce((sum, file) => sum + file.rules, 0);
  return fine(
    `${count(all, 'rule')} in ${count(there.length, 'file')}${untrusted === 0 ? '' : `, ${untrusted} of them not trusted`}`,
  );
}

/** As far as the form goes; the rest only a host knows. */
async function withoutHost(path: string): Promise<Finding> {
  try {
    // A named pipe would be waited for.
    if (!(await lstat(path)).isFile()) return bad(`${path} is no file`, 'Move it away');
    const parsed = rulesFileSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
    const [issue] = parsed.error?.issues ?? [];
    return issue === undefined
      ? fine(`${path} is well formed`)
      : bad(`${path}: ${issue.path.join('.')}: ${issue.message}`, `Mend ${path}`);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return fine('none of your own');
    return bad(`${path}: ${messageOf(error)}`, `Mend ${path}`);
  }
}
