import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { flagKey, numberKey } from '../script-line.ts';
import { RICH_MESSAGE } from './rich-message.ts';
import type { Scripts } from './script.ts';

const MiB = 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;

/** Text: much, fast, slow, long, rich. */
export const streaming: Scripts = {
  stream: {
    keys: 'n=1000 rate=1000 until=FILE',
    does: 'n numbered text chunks, rate a second; until: no more once that file is there',
    async run(turn, line) {
      const count = numberKey(line, 'n', 1_000, { min: 0, max: 1_000_000 });
      const rate = numberKey(line, 'rate', 1_000, { min: 0.1, max: 1_000_000 });
      const { until } = line.keys;
      const isOver = () => until !== undefined && existsSync(resolve(turn.cwd, until));
      const start = turn.clock.now();
      for (let n = 0; n < count && !isOver(); n += 1) {
        const early = start + (n * 1_000) / rate - turn.clock.now();
        if (early > 0) await turn.clock.sleep(early, turn.signal);
        await turn.chunk(`chunk-${n} `);
      }
    },
  },
  flood: {
    keys: 'mb=50',
    does: 'so many MiB of text as fast as it is read',
    async run(turn, line) {
      const mb = numberKey(line, 'mb', 50, { min: 0, max: 1_024 });
      const chunk = 'The lamp is lit. '.repeat(Math.ceil(CHUNK_BYTES / 17)).slice(0, CHUNK_BYTES);
      for (let sent = 0; sent < mb * MiB; sent += CHUNK_BYTES) await turn.chunk(chunk);
    },
  },
  bigline: {
    keys: 'mb=40',
    does: 'one update of so many MiB in a single line, then a word',
    async run(turn, line) {
      const mb = numberKey(line, 'mb', 40, { min: 0, max: 512 });
      await turn.update({
        sessionUpdate: 'agent_message_chunk',
        content: { type: 'text', text: 'x'.repeat(Math.round(mb * MiB)) },
      });
      await turn.chunk('after the long line');
    },
  },
  slow: {
    keys: 'seconds=10',
    does: 'thinks that long, then says a word',
    async run(turn, line) {
      const seconds = numberKey(line, 'seconds', 10, { min: 0, max: 86_400 });
      await turn.think('This takes its time. ');
      await turn.clock.sleep(seconds * 1_000, turn.signal);
      await turn.chunk('Done.');
    },
  },
  markdown: {
    keys: 'whole=true',
    does: 'one rich message: headings, table, code, a long line, emoji, CJK; whole: in one chunk',
    async run(turn, line) {
      if (flagKey(line, 'whole')) await turn.chunk(RICH_MESSAGE);
      else await turn.say(RICH_MESSAGE);
    },
  },
  recall: {
    keys: '',
    does: 'says how many prompts the conversation has had',
    async run(turn) {
      await turn.chunk(`You have sent ${turn.promptsSoFar} prompts, this one included.`);
    },
  },
  image: {
    keys: '',
    does: 'says how many images the prompt had',
    async run(turn) {
      await turn.chunk(`The prompt had ${turn.images} images.`);
    },
  },
};
