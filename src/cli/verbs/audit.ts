import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { LineSplitter } from '../../base/line-splitter.ts';
import type { HostClient } from '../../connection/host-client.ts';
import { verifyAudit } from '../../local/audit/verify.ts';
import {
  auditHeadSchema,
  type AuditEntry,
  type AuditHead,
  type AuditVerdict,
} from '../../protocol/audit.ts';
import { AUDIT_VERIFY_TIMEOUT_MS } from '../../protocol/limits.ts';
import type { Cli } from '../cli.ts';
import { CliFailure, EXIT, wrongUsage, type ExitCode } from '../failure.ts';
import { ask, withHost } from '../host/host-link.ts';
import { auditTable } from '../output/audit-text.ts';
import { count, jsonLine } from '../output/text.ts';

const PAGE_ENTRIES = 1_000;
const SHOWN_ENTRIES = 100;
/** Longer than any entry is. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;

/** `porchlight audit`: for people the newest entries, with --json all, one on a line. */
export async function showAudit(cli: Cli, options: { last?: number }): Promise<void> {
  if (cli.json && options.last === undefined) return await printAll(cli);
  const last = options.last ?? SHOWN_ENTRIES;
  const { entries, newest } = await withHost(cli, async ({ client }) => {
    const { head } = await client.call('audit.head', {});
    const after = Math.max(0, (head?.n ?? 0) - last);
    const shown: AuditEntry[] = [];
    for await (const page of pages(client, after)) shown.push(...page);
    return { entries: shown, newest: head?.n ?? 0 };
  });
  if (cli.json) return await cli.out.write(entries.map(line).join(''));
  if (newest > last)
    cli.out.remark(`The newest ${last} of ${newest} entries. All: porchlight audit export`);
  await cli.out.line(
    entries.length === 0 ? 'Nothing has happened yet.' : auditTable(entries, cli.out.columns),
  );
}

/** `porchlight audit export [--to FILE]`: all of it as JSON lines. */
export async function exportAudit(cli: Cli, options: { to?: string }): Promise<void> {
  if (options.to === undefined) return await printAll(cli);
  const path = resolve(cli.cwd, options.to);
  const file = await open(path, 'wx', 0o600).catch((error: unknown) => {
    throw new CliFailure(
      `Cannot write ${path}: ${codeOf(error) === 'EEXIST' ? 'it is there already. Name a new file.' : String(error)}`,
    );
  });
  let entries = 0;
  try {
    await withHost(cli, async ({ client }) => {
      for await (const page of pages(client, 0)) {
        await file.write(page.map(line).join(''));
        entries += page.length;
      }
    });
    await file.sync();
  } finally {
    await file.close();
  }
  await cli.out.answer({ path, entries }, () => `${path}: ${count(entries, 'entry', 'entries')}.`);
}

/** `porchlight audit verify [FILE]`: the host's own log, or an exported one without any host. */
export async function checkAudit(
  cli: Cli,
  given: string | undefined,
  options: { head?: string },
): Promise<ExitCode> {
  const head = options.head === undefined ? undefined : headOf(options.head);
  const verdict =
    given === undefined
      ? await ask(cli, 'audit.verify', { ...(head && { head }) }, AUDIT_VERIFY_TIMEOUT_MS)
      : await verifyAudit(linesOf(resolve(cli.cwd, given)), head);
  await cli.out.answer(verdict, () => verdictText(verdict, head));
  return verdict.ok ? EXIT.done : EXIT.failed;
}

/** `porchlight audit head`: what to keep elsewhere. */
export async function showAuditHead(cli: Cli): Promise<void> {
  const { head } = await ask(cli, 'audit.head', {});
  await cli.out.answer(head, () => (head === null ? 'The log is empty.' : headText(head)));
}

/** `porchlight audit change-key` */
export async function changeAuditKey(cli: Cli): Promise<void> {
  const { head } = await withHost(
    cli,
    // Not sent again when the host goes away: it may have been done.
    async ({ client }) => await client.call('audit.changeKey', {}),
  );
  await cli.out.answer(
    head,
    () => `Another key signs from here on. The head is now ${headText(head)}`,
  );
}

async function printAll(cli: Cli): Promise<void> {
  await withHost(cli, async ({ client }) => {
    for await (const page of pages(client, 0)) {
      if (cli.out.isGone) return;
      await cli.out.write(page.map(line).join(''));
    }
  });
}

async function* pages(
  client: Pick<HostClient, 'call'>,
  from: number,
): AsyncGenerator<readonly AuditEntry[]> {
  for (let after = from; ;) {
    const { entries, more } = await client.call('audit.list', { after, limit: PAGE_ENTRIES });
    if (entries.length > 0) yield entries;
    const last = entries.at(-1);
    if (!more || last === undefined) return;
    after = last.n;
  }
}

/** The JSON texts of an exported file, as much as is read at once. */
async function* linesOf(path: string): AsyncGenerator<string[]> {
  const splitter = new LineSplitter({ maxBytes: MAX_LINE_BYTES });
  const textsOf = (lines: ReturnType<LineSplitter['push']>): string[] =>
    lines.map((each) => (each.kind === 'line' ? each.text : ''));
  const stream = createReadStream(path);
  try {
    for await (const chunk of stream) {
      const texts = textsOf(splitter.push(chunk));
      if (texts.length > 0) yield texts;
    }
  } catch (error) {
    throw new CliFailure(`Cannot read ${path}: ${String(error)}`);
  }
  const rest = textsOf(splitter.end());
  if (rest.length > 0) yield rest;
}

function headOf(text: string): AuditHead {
  const [n, hash] = text.trim().split(':');
  const head = auditHeadSchema.safeParse({ n: Number(n), hash });
  if (head.success) return head.data;
  throw wrongUsage(
    `A head is N:HASH, as "porchlight audit head" prints it, not ${JSON.stringify(text)}.`,
  );
}

function verdictText({ ok, entries, why, head }: AuditVerdict, kept?: AuditHead): string {
  const read = count(entries, 'entry', 'entries');
  if (!ok) return `The log does not hold (${read}). ${why ?? ''}`;
  const until = head === null ? '' : ` Its head is ${headText(head)}`;
  const seen = kept === undefined ? '' : `, and the head ${headText(kept)} is in it`;
  return `The log holds: ${read}, each in its place and signed${seen}.${until}`;
}

function headText({ n, hash }: AuditHead): string {
  return `${n}:${hash}`;
}

function line(entry: AuditEntry): string {
  return `${jsonLine(entry)}\n`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
