import { colouredLines } from './coloured-lines.ts';
import type { HighlightAnswer, HighlightRequest } from './token-kinds.ts';

// A worker: grammars are slow on long code, and the page must go on scrolling.

addEventListener('message', ({ data }: MessageEvent<HighlightRequest>) => {
  let answer: HighlightAnswer = { id: data.id, lines: null };
  try {
    answer = { id: data.id, lines: colouredLines(data.code, data.language.toLowerCase()) };
  } catch {
    // A grammar that trips over the code leaves it plain; there is nothing a person could do.
  }
  postMessage(answer);
});
