import { z } from 'zod';
import type { Step } from '../step.ts';

const listSchema = z.array(z.object({ id: z.string(), state: z.string(), lastSeq: z.number() }));

export const watchFromTerminal: Step = {
  name: 'the agent works on without the tray app',
  async run(stage) {
    const machine = await stage.porchlight('ls', '--json');
    const listed = listSchema.parse(JSON.parse(machine.output));
    const session = listed.find(({ id }) => id === stage.sessionId);
    if (session?.state !== 'working')
      throw new Error(`"porchlight ls" says ${session?.state ?? 'nothing'}, not working`);
    const forPeople = await stage.porchlight('ls');
    const done = await stage.until('end of the turn', ({ turn }) => turn?.endedAt != null);
    if (done.turn?.outcome !== 'completed')
      throw new Error(`The turn ended as ${done.turn?.outcome}`);
    const since = ['--since', String(session.lastSeq)];
    const watched = await stage.porchlight('watch', stage.sessionId, ...since, '--no-follow');
    const news = done.lastSeq - session.lastSeq;
    if (!watched.output.includes('All three tests pass'))
      throw new Error(`"porchlight watch" does not tell the end:\n${watched.output}`);
    await stage.shootTerminal('terminal', [forPeople, watched]);
    return `Nobody shows it, and the agent works on: "porchlight ls" says so, "porchlight watch" tells ${news} more events, up to "All three tests pass".`;
  },
};
