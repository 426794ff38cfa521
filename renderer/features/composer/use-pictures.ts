import { useEffect, useRef, useState } from 'react';
import { MAX_PROMPT_BYTES } from '../../../src/protocol/limits.ts';
import type { SessionId } from '../../../src/protocol/ids.ts';
import { useWorld } from '../../state/host-context.tsx';
import { en } from '../../strings/en.ts';
import { later } from '../../strings/phone-later.ts';
import type { ComposerState } from './composer-state.ts';
import { readPicture } from './picture.ts';
import { promptBytes, promptParts } from './prompt-parts.ts';

const t = later.session;
/** For the text, and for what JSON adds. */
const SPARE_BYTES = 200_000;

export interface Reading {
  readonly id: number;
  readonly name: string;
}

/** Pictures on their way into a message: read one after another, each can be dropped meanwhile. */
export function usePictures(
  composer: ComposerState,
  sessionId: SessionId,
): {
  readonly reading: readonly Reading[];
  add(files: readonly File[]): Promise<void>;
  drop(id: number): void;
} {
  const { drafts } = useWorld();
  const [reading, setReading] = useState<readonly Reading[]>([]);
  const dropped = useRef(new Set<number>());
  const next = useRef(1);
  const isHere = useRef(true);
  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
    };
  }, []);
  const drop = (id: number): void => {
    dropped.current.add(id);
    setReading((all) => all.filter((one) => one.id !== id));
  };
  const add = async (files: readonly File[]): Promise<void> => {
    const jobs = files.map((file) => ({
      id: next.current++,
      file,
      name: file.name || en.composer.image(1),
    }));
    setReading((all) => [...all, ...jobs.map(({ id, name }) => ({ id, name }))]);
    const problems: string[] = [];
    for (const { id, file, name } of jobs) {
      if (!dropped.current.has(id)) {
        const roomBytes =
          MAX_PROMPT_BYTES - SPARE_BYTES - promptBytes(promptParts(drafts.get(sessionId)));
        const read = await readPicture(file, roomBytes);
        // The person has left this session, or changed their mind.
        if (!isHere.current) return;
        if ('image' in read && !dropped.current.has(id)) composer.addImages([read.image]);
        if ('problem' in read) problems.push(PROBLEMS[read.problem](name));
      }
      drop(id);
    }
    if (problems.length > 0) composer.say(problems.join(' '));
  };
  return { reading, add, drop };
}

const PROBLEMS = { heic: t.heic, unreadable: t.unreadable, noRoom: t.noRoom } as const;
