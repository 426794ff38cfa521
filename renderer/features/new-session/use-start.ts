import { useEffect, useRef, useState } from 'react';
import type { AgentEntry } from '../../../src/protocol/agent.ts';
import type { SessionId } from '../../../src/protocol/ids.ts';
import { MODES, type Mode } from '../../../src/protocol/mode.ts';
import { isInside } from '../../../src/protocol/session/sharing.ts';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { showToast, type NewSessionPreset } from '../../state/view-store.ts';
import { en } from '../../strings/en.ts';
import { isAbsolute, useFolderLook, type FolderLook } from './use-folder-look.ts';
import type { Isolate } from './workplace.tsx';

const t = en.start;

export interface Start {
  readonly folder: string;
  /** Folders of the sessions there are, the newest first: worth suggesting. */
  readonly folders: readonly string[];
  readonly look: FolderLook | null;
  readonly inWorktree: boolean;
  readonly agents: readonly AgentEntry[] | null;
  /** The agent's id; null while there is none to choose. */
  readonly chosen: string | null;
  readonly isUsable: boolean;
  readonly isDemoDefault: boolean;
  /** Only those that the agent can prove it is in. */
  readonly modes: readonly Mode[];
  readonly mode: Mode;
  readonly title: string;
  readonly prompt: string;
  readonly isolate: Isolate;
  readonly share: boolean;
  /** Sessions there were before the start; null while none is under way. */
  readonly known: ReadonlySet<SessionId> | null;
  readonly busy: boolean;
  readonly problem: string | null;
  setFolder(folder: string): void;
  setPicked(agent: string): void;
  setMode(mode: Mode): void;
  setTitle(title: string): void;
  setPrompt(prompt: string): void;
  setIsolate(isolate: Isolate): void;
  setShare(share: boolean): void;
  go(): Promise<void>;
}

/** A session from the first choice until it runs; the form's looks are somebody else's. */
export function useStart(preset: NewSessionPreset): Start {
  const { acts, link } = useWorld();
  const agents = useHost((host) => host.agents);
  const sessions = useHost((host) => host.sessions);
  const [folder, setFolder] = useState(preset.folder ?? '');
  const [picked, setPicked] = useState<string | null>(preset.agent ?? null);
  const [mode, setMode] = useState<Mode>(MODES.find((one) => one === preset.mode) ?? 'ask');
  const [title, setTitle] = useState('');
  const [prompt, setPrompt] = useState('');
  const [isolate, setIsolate] = useState<Isolate>('worktree');
  const [share, setShare] = useState(false);
  const [known, setKnown] = useState<ReadonlySet<SessionId> | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const isOpen = useRef(true);

  useEffect(() => {
    link
      .loadAgents()
      .catch((error: unknown) =>
        setProblem(error instanceof Error ? error.message : String(error)),
      );
  }, [link]);

  useEffect(() => {
    isOpen.current = true;
    return () => {
      isOpen.current = false;
    };
  }, []);

  const look = useFolderLook(folder.trim());
  const inWorktree = look?.git != null && isolate === 'worktree';
  const isTaken = look !== null && !inWorktree && look.sessions.length > 0;
  const real = agents?.filter(({ id, found }) => found && id !== 'demo') ?? [];
  const demo = agents?.find(({ id }) => id === 'demo');
  const isDemoDefault = agents !== null && real.length === 0 && demo?.found === true;
  const chosen = picked ?? real[0]?.id ?? (isDemoDefault ? 'demo' : null);
  const entry = agents?.find(({ id }) => id === chosen);
  const modes = MODES.filter((one) => entry === undefined || entry.modes.includes(one));
  const provenMode = modes.includes(mode) ? mode : 'ask';

  const go = async (): Promise<void> => {
    const cwd = folder.trim();
    if (cwd === '') return setProblem(t.needFolder);
    if (!isAbsolute(cwd)) return setProblem(t.absolute);
    if (isTaken && !share) return setProblem(en.workplace.needShare);
    setKnown(new Set(sessions.map(({ id }) => id)));
    setProblem(null);
    try {
      const sessionId = await acts.start({
        cwd,
        agent: chosen ?? undefined,
        mode: provenMode,
        // Not looked at yet: the host's own default holds.
        ...(look !== null && { isolate: inWorktree ? 'worktree' : 'none' }),
        share: isTaken && share,
        ...(title.trim() !== '' && { title: title.trim() }),
        ...(prompt.trim() !== '' && { prompt: [{ type: 'text' as const, text: prompt.trim() }] }),
      });
      // Who went on to something else stays there.
      if (isOpen.current) acts.show(sessionId);
    } catch (error) {
      const words = `${t.failed} ${error instanceof Error ? error.message : String(error)}`;
      if (!isOpen.current) return showToast(words);
      setProblem(words);
      setKnown(null);
    }
  };

  return {
    folder,
    folders: [
      ...new Set(
        sessions
          .filter(({ cwd, worktree }) => worktree === null || !isInside(cwd, worktree))
          .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
          .map(({ cwd }) => cwd),
      ),
    ],
    look,
    inWorktree,
    agents,
    chosen,
    isUsable: entry?.found === true,
    isDemoDefault,
    modes,
    mode: provenMode,
    title,
    prompt,
    isolate,
    share,
    known,
    busy: known !== null,
    problem,
    setFolder,
    setPicked,
    setMode,
    setTitle,
    setPrompt,
    setIsolate,
    setShare,
    go,
  };
}
