import { useEffect, useState } from 'react';
import type { HighlightAnswer, HighlightedLines, HighlightRequest } from './token-kinds.ts';

/** Longer code stays plain: colours are not worth the memory there. */
const MAX_CODE_CHARS = 40_000;
const MAX_CACHED = 300;
const MAX_WAITING = 64;
/** While text still streams in, its last code block changes with every frame. */
const SETTLE_MS = 120;

const cache = new Map<string, HighlightedLines | null>();
const waiting = new Map<number, { key: string; done: (lines: HighlightedLines | null) => void }>();
let worker: Worker | null | undefined;
let nextId = 1;

function theWorker(): Worker | null {
  if (worker !== undefined) return worker;
  try {
    worker = new Worker(new URL('./highlight-worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<HighlightAnswer>) => {
      const asked = waiting.get(data.id);
      waiting.delete(data.id);
      if (asked === undefined) return;
      if (cache.size >= MAX_CACHED) cache.delete(cache.keys().next().value ?? '');
      cache.set(asked.key, data.lines);
      asked.done(data.lines);
    };
    worker.onerror = () => {
      worker = null;
      waiting.clear();
    };
  } catch {
    worker = null;
  }
  return worker;
}

/** Coloured lines once they are ready; null means "show it plain". */
export function useHighlight(code: string, language: string | null): HighlightedLines | null {
  const key = `${language ?? ''}\n${code}`;
  const [done, setDone] = useState<{ key: string; lines: HighlightedLines | null } | null>(null);
  useEffect(() => {
    if (language === null || code.length > MAX_CODE_CHARS || cache.has(key)) return;
    let id: number | null = null;
    const timer = setTimeout(() => {
      const highlighter = theWorker();
      if (highlighter === null || waiting.size >= MAX_WAITING) return;
      id = nextId++;
      waiting.set(id, { key, done: (lines) => setDone({ key, lines }) });
      highlighter.postMessage({ id, code, language } satisfies HighlightRequest);
    }, SETTLE_MS);
    return () => {
      clearTimeout(timer);
      if (id !== null) waiting.delete(id);
    };
  }, [key, code, language]);
  return done?.key === key ? done.lines : (cache.get(key) ?? null);
}
