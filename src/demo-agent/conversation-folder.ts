import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { conversationSchema, type Conversation } from './conversation.ts';

const SESSION_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const MAX_CONVERSATIONS = 200;

/**
 * One small JSON file per session. Written whole and renamed into place, so that a kill leaves
 * the last state and never half of one.
 */
export class ConversationFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** null when there is none of that id, or its file cannot be read as one. */
  read(sessionId: string): Conversation | null {
    if (!SESSION_ID.test(sessionId)) return null;
    try {
      return conversationSchema.parse(JSON.parse(readFileSync(this.#file(sessionId), 'utf8')));
    } catch {
      return null;
    }
  }

  write(conversation: Conversation): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const file = this.#file(conversation.sessionId);
    const half = `${file}.${process.pid}.part`;
    writeFileSync(half, JSON.stringify(conversation), { mode: 0o600 });
    renameSync(half, file);
  }

  /** Newest first. */
  list(): Conversation[] {
    return this.#names()
      .map((name) => this.read(name.slice(0, -'.json'.length)))
      .filter((each) => each !== null)
      .sort((a, b) => b.updatedAt.localeCompare(a.updatedAt));
  }

  /** Keeps the newest; a demonstration should not fill anyone's disk. */
  prune(): void {
    const byAge = this.#names()
      .map((name) => ({ name, at: changedAt(join(this.#folder, name)) }))
      .sort((a, b) => b.at - a.at);
    for (const { name } of byAge.slice(MAX_CONVERSATIONS))
      rmSync(join(this.#folder, name), { force: true });
  }

  #names(): string[] {
    try {
      return readdirSync(this.#folder).filter((name) => name.endsWith('.json'));
    } catch {
      return [];
    }
  }

  #file(sessionId: string): string {
    return join(this.#folder, `${sessionId}.json`);
  }
}

function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** XDG_STATE_HOME, else ~/.local/state, else the temp folder: a reboot should not lose a session. */
export function conversationFolderPath(env: NodeJS.ProcessEnv): string {
  const name = 'porchlight-demo-agent';
  const state = env.XDG_STATE_HOME;
  if (state !== undefined && isAbsolute(state)) return join(state, name);
  const home = homedir();
  return isAbsolute(home) && statSync(home, { throwIfNoEntry: false })?.isDirectory() === true
    ? join(home, '.local', 'state', name)
    : join(tmpdir(), `${name}-${process.getuid?.() ?? 'user'}`);
}
