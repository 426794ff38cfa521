import { expect, test } from 'vitest';
import { Highlights } from '../../../../../renderer/features/highlight/highlights.ts';
import type {
  HighlightAnswer,
  HighlightedLines,
  HighlightRequest,
} from '../../../../../renderer/features/highlight/token-kinds.ts';
import { FakeTimers } from '../../../../fakes/fake-timers.ts';

const CODE = 'return 1';
const LINES: HighlightedLines = [
  [
    ['return', 'keyword'],
    [' 1', ''],
  ],
];
const LONG_MS = 10_000;

/** A page with a highlighter that answers when it is told to. */
function page() {
  const timers = new FakeTimers();
  const asked: HighlightRequest[] = [];
  const worker = {
    postMessage: (request: HighlightRequest) => void asked.push(request),
    onmessage: null as ((event: MessageEvent<HighlightAnswer>) => void) | null,
    onerror: null,
  };
  const highlights = new Highlights({ start: () => worker, timers });
  const answer = (): void => {
    for (const { id } of asked.splice(0))
      worker.onmessage?.(new MessageEvent('message', { data: { id, lines: LINES } }));
  };
  return { timers, asked, highlights, answer };
}

test('a block of the same code as another, drawn just before that one has its colours, gets them too', () => {
  const { timers, highlights, answer } = page();
  const told: unknown[] = [];
  highlights.ask(CODE, 'js', () => {});
  timers.advance(LONG_MS);
  const drawnWith = highlights.known(CODE, 'js');
  answer();
  highlights.ask(CODE, 'js', (lines) => told.push(lines));
  timers.advance(LONG_MS);
  expect({ drawnWith, told }).toEqual({ drawnWith: null, told: [LINES] });
});

test('a block that waits for its text to settle takes the colours that came meanwhile', () => {
  const { timers, asked, highlights, answer } = page();
  const told: unknown[] = [];
  highlights.ask(CODE, 'js', () => {});
  timers.advance(LONG_MS);
  highlights.ask(CODE, 'js', (lines) => told.push(lines));
  answer();
  timers.advance(LONG_MS);
  expect({ told, asked }).toEqual({ told: [LINES], asked: [] });
});

test('a hundred blocks at once all get their colours, a few dozen at a time', () => {
  const { timers, asked, highlights, answer } = page();
  let told = 0;
  let most = 0;
  for (let block = 0; block < 100; block += 1)
    highlights.ask(`${CODE} + ${block}`, 'js', () => (told += 1));
  for (let round = 0; round < 3; round += 1) {
    timers.advance(LONG_MS);
    most = Math.max(most, asked.length);
    answer();
  }
  expect({ told, most }).toEqual({ told: 100, most: 64 });
});

test('a block that is gone is told nothing, and asks for nothing any more', () => {
  const { timers, asked, highlights, answer } = page();
  const told: unknown[] = [];
  highlights.ask(CODE, 'js', (lines) => told.push(lines))();
  timers.advance(LONG_MS);
  const forget = highlights.ask(CODE, 'js', (lines) => told.push(lines));
  timers.advance(LONG_MS);
  const before = asked.length;
  forget();
  answer();
  expect({ told, before }).toEqual({ told: [], before: 1 });
});

test('where no worker can be started, code stays plain', () => {
  const timers = new FakeTimers();
  const start = (): never => {
    throw new Error('no workers here');
  };
  const highlights = new Highlights({ start, timers });
  const told: unknown[] = [];
  highlights.ask(CODE, 'js', (lines) => told.push(lines));
  timers.advance(LONG_MS);
  expect({ told, known: highlights.known(CODE, 'js') }).toEqual({ told: [], known: null });
});
