import { createConnection } from 'node:net';
import { HOLDER_PROTOCOL } from '../protocol/holder.ts';
import { isAnswering } from '../local/private-socket.ts';
import { homeName, recorder, type Program } from './compose.ts';
import { problemsOf, recoverAll } from './recovery.ts';

const STOP_LIMIT_MS = 30_000;
const LOOK_MS = 50;

export interface Undone {
  readonly code: 0 | 1;
  /** One line for a person. */
  readonly words: string;
}

/** Ends this home's holder, and puts back what it, or one that is gone, has changed. */
export async function undo(program: Program): Promise<Undone> {
  const { home, platform } = program;
  const { journal, claims } = recorder(program);
  const before = journal.ids();
  if (!(await holderEnded(home.holderSocket)))
    return {
      code: 1,
      words: `The holder of ${home.root} does not end: see ${home.logs}, end it, and run this again.`,
    };
  const mine = homeName(home);
  const recovered = await recoverAll({ journal, claims, platform }, (claim) => claim.home === mine);
  const problems = problemsOf(recovered, platform).join(' ');
  if (recovered.failed.length > 0) return { code: 1, words: problems };
  const left = new Set([...recovered.shared, ...recovered.theirs]);
  // Its own holder may have put them back when it was ended.
  const count = before.filter((id) => !left.has(id)).length;
  const shared = recovered.shared.length > 0 ? ' Another home of yours still holds some.' : '';
  const done =
    count === 0
      ? 'There was nothing to undo.'
      : `Put back ${count} setting${count === 1 ? '' : 's'}.`;
  return { code: 0, words: `${done}${shared}${problems === '' ? '' : ` ${problems}`}` };
}

async function holderEnded(socketPath: string): Promise<boolean> {
  if (!(await isAnswering(socketPath))) return true;
  const socket = createConnection(socketPath);
  socket.on('error', () => {
    // It ends, which is what was asked for.
  });
  socket.resume();
  const hello = {
    id: 1,
    do: 'hello',
    protocol: HOLDER_PROTOCOL,
    hostPid: process.pid,
    hostVersion: 'undo',
  };
  socket.write(`${JSON.stringify(hello)}\n${JSON.stringify({ id: 2, do: 'stop' })}\n`);
  for (let waitedMs = 0; waitedMs < STOP_LIMIT_MS; waitedMs += LOOK_MS) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    if (socket.closed && !(await isAnswering(socketPath))) return true;
  }
  socket.destroy();
  return false;
}
