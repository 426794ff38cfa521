import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Launch, AgentProfile } from '../profile.ts';
import type { RunningProgram } from './running-programs.ts';

/** A process of an agent that has written down which conversation it has open. */
export interface LiveRecord {
  readonly process: RunningProgram;
  readonly agentSession: string;
}

type Records = NonNullable<NonNullable<AgentProfile['elsewhere']>['records']>;

/** Only these are opened: beside them lie keys. */
const NAME = /^(\d+)\.json$/;
const MAX_RECORD_CHARS = 64 * 1024;

/** Of Claude Code 2.1: more stands in it, which is none of ours. Not documented, so nothing is relied on. */
const recordSchema = z.object({
  pid: z.number().int(),
  sessionId: z.string(),
  procStart: z.string().optional().catch(undefined),
});

export function recordsFolder({ variable, home, folder }: Records, env: Launch['env']): string {
  const config = env[variable];
  return join(config !== undefined && config !== '' ? config : join(homedir(), home), folder);
}

/** The records whose process is among the running ones; one of a process that is gone says nothing. */
export async function liveRecords(
  folder: string,
  running: readonly RunningProgram[],
): Promise<LiveRecord[]> {
  const names = await readdir(folder).catch((): string[] => []);
  const read = names.map(async (name): Promise<LiveRecord[]> => {
    const pid = Number(NAME.exec(name)?.[1] ?? Number.NaN);
    const process = running.find((each) => each.pid === pid);
    if (process === undefined) return [];
    const record = await readRecord(join(folder, name));
    if (record === null || record.pid !== pid || isAnother(record.procStart, process)) return [];
    return [{ process, agentSession: record.sessionId }];
  });
  return (await Promise.all(read)).flat();
}

/** Its number may be another process's by now. Start times of different forms say nothing. */
function isAnother(procStart: string | undefined, { startedAt }: RunningProgram): boolean {
  const isTicks = (text: string): boolean => /^\d+$/.test(text);
  if (procStart === undefined || startedAt === null) return false;
  if (isTicks(procStart) !== isTicks(startedAt)) return false;
  return procStart.replace(/\s+/g, ' ').trim() !== startedAt;
}

async function readRecord(file: string): Promise<z.infer<typeof recordSchema> | null> {
  // It may be being written just now.
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      const text = await readFile(file, 'utf8');
      if (text.length > MAX_RECORD_CHARS) return null;
      return recordSchema.parse(JSON.parse(text));
    } catch {
      continue;
    }
  }
  return null;
}
