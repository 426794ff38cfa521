import { useEffect, useState } from 'react';
import { systemTimers } from '../../../src/connection/timers.ts';
import { Highlights } from './highlights.ts';
import type { HighlightedLines } from './token-kinds.ts';

const highlights = new Highlights({
  start: () => new Worker(new URL('./highlight-worker.ts', import.meta.url), { type: 'module' }),
  timers: systemTimers,
});

/** Coloured lines once they are ready; null means "show it plain". */
export function useHighlight(code: string, language: string | null): HighlightedLines | null {
  const known = highlights.known(code, language);
  const [told, setTold] = useState<{
    readonly code: string;
    readonly language: string | null;
    readonly lines: HighlightedLines | null;
  } | null>(null);
  const isKnown = known !== null;
  useEffect(() => {
    if (isKnown) return undefined;
    return highlights.ask(code, language, (lines) => setTold({ code, language, lines }));
  }, [code, language, isKnown]);
  return told !== null && told.code === code && told.language === language ? told.lines : known;
}
