import { z } from 'zod';
import type { Step } from '../step.ts';

const listSchema = z.array(z.object({ id: z.string(), state: z.string() }));
const END = 'All three tests pass';

export const watchFromTerminal: Step = {
  name: 'the agent works on without the tray app',
  async run(stage) {
    const { output } = await stage.porchlight('ls', '--json');
    const session = listSchema.parse(JSON.parse(output)).find(({ id }) => id === stage.sessionId);
    // On a busy machine the agent may be done before the command line has started.
    if (session?.state !== 'working' && session?.state !== 'idle')
      throw new Error(`"porchlight ls" says ${session?.state ?? 'nothing'} of the session`);
    const forPeople = await stage.porchlight('ls');
    const done = await stage.until('end of the turn', ({ turn }) => turn?.endedAt != null);
    const since = ['--since', String(stage.lastSeqSeen), '--no-follow'];
    const watched = await stage.porchlight('watch', stage.sessionId, ...since);
    const news = done.lastSeq - stage.lastSeqSeen;
    if (done.turn?.outcome !== 'completed' || news < 1 || !watched.output.includes(END))
      throw new Error(
        `The turn is ${done.turn?.outcome}, ${news} events later, and "porchlight watch" tells:\n${watched.output}`,
      );
    await stage.shootTerminal('terminal', [forPeople, watched]);
    return `Nobody shows it, and the agent works on: "porchlight ls" says ${session.state}, "porchlight watch" tells ${news} more events, up to "${END}".`;
  },
};
