import { realpath } from 'node:fs/promises';
import { relative, isAbsolute, resolve } from 'node:path';
import type { RuleFile, RuleRow } from '../../protocol/rules/rule.ts';
import { agree } from '../agree.ts';
import type { Cli } from '../cli.ts';
import { CliFailure } from '../failure.ts';
import { withHost } from '../host/host-link.ts';
import { count, oneLine } from '../output/text.ts';
import { invokedIn } from './start.ts';

/** Of no file at all: what is not trusted any more need not be named. */
const NO_CONTENT = '0'.repeat(64);

export interface TrustOptions {
  readonly force?: boolean;
}

interface Wanted {
  readonly folder: string | undefined;
  readonly trusted: boolean;
  readonly options: TrustOptions;
}

/** `porchlight rules trust|distrust [FOLDER]` */
export async function trustProject(
  cli: Cli,
  { folder: given, trusted, options }: Wanted,
): Promise<void> {
  const asked = resolve(invokedIn(cli), given ?? '.');
  const folder = await realpath(asked).catch(() => asked);
  const file = await withHost(cli, async ({ client }) => {
    const { files, rules } = await client.call('rules.list', { folder });
    const found = projectAround(files, folder);
    if (!trusted) {
      const hash = found?.project?.hash ?? NO_CONTENT;
      return (await client.call('rules.trust', { ...{ folder, hash }, trusted: false })).file;
    }
    if (found?.project === undefined)
      throw new CliFailure(
        found?.problem ??
          `${oneLine(folder)} has no rules of its own: they would be in .porchlight/rules.json.`,
      );
    if (options.force !== true)
      await show(
        cli,
        found,
        rules.filter((row) => row.file === found.path),
      );
    const { hash } = found.project;
    return (await client.call('rules.trust', { folder, hash, trusted: true })).file;
  });
  await cli.out.answer(file, () =>
    trusted
      ? `The rules of ${oneLine(file.path)} hold as they are now.`
      : 'Its rules only deny or ask from now on.',
  );
}

/** The nearest one. */
function projectAround(files: readonly RuleFile[], folder: string): RuleFile | undefined {
  const length = (file: RuleFile) => projectFolder(file)?.length ?? 0;
  return files
    .filter((file) => file.source === 'project' && isWithin(folder, projectFolder(file)))
    .sort((a, b) => length(b) - length(a))[0];
}

/** A bad file has no content to trust, and still a folder. */
function projectFolder({ path, project }: RuleFile): string {
  return project?.folder ?? resolve(path, '..', '..');
}

function isWithin(folder: string, of: string): boolean {
  const way = relative(of, folder);
  return !way.startsWith('..') && !isAbsolute(way);
}

async function show(cli: Cli, file: RuleFile, rows: readonly RuleRow[]): Promise<void> {
  const what = `${count(rows.length, 'rule')} of ${oneLine(file.path)}`;
  if (!cli.asks)
    throw new CliFailure(
      `This would let ${what} allow what agents do, for as long as the file stays as it is. Look at them with porchlight rules, then say --force.`,
    );
  for (const { text } of rows) cli.out.remark(`  ${oneLine(text)}`);
  await agree(cli, `Trust these ${what}? [y/N] `, 'Nothing is trusted.');
}
