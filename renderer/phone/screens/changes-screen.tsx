import { useMemo, type ReactNode } from 'react';
import type { SessionId } from '../../../src/protocol/ids.ts';
import type { SessionState } from '../../../src/protocol/session/state.ts';
import type { TranscriptItems } from '../../../src/protocol/transcript/items.ts';
import { DiffView } from '../../features/diff/diff-view.tsx';
import { filePatches } from '../../features/diff/patch-rows.ts';
import { shortPath } from '../../features/diff/short-path.ts';
import { changesIn } from '../../features/side/changes.ts';
import { diffsOf } from '../../features/transcript/tool-words.ts';
import { FileDiff } from '../../features/work/file-diff.tsx';
import { usePatch } from '../../features/work/use-patch.ts';
import { useHost } from '../../state/host-context.tsx';
import { en } from '../../strings/en.ts';
import { work } from '../../strings/work.ts';
import { later } from '../../strings/phone-later.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { useRouter } from '../shell/router-context.ts';
import { Screen } from '../shell/screen.tsx';
import './more.css';

const t = later.changes;

export interface ChangesScreenProps {
  readonly sessionId: SessionId;
  /** The file that is shown; null: the list. */
  readonly file: string | null;
}

/** What a session changed: the files, and one file's diff at a time. */
export function ChangesScreen({ sessionId, file }: ChangesScreenProps) {
  const open = useHost((host) => (host.open?.sessionId === sessionId ? host.open : null));
  if (open === null || open.state === null)
    return (
      <Screen title={t.title}>
        <p className="middle-soft" role="status">
          {en.session.loading}
        </p>
      </Screen>
    );
  return open.state.origin === null ? (
    <FromTranscript state={open.state} items={open.items} file={file} />
  ) : (
    <FromWorktree state={open.state} file={file} />
  );
}

/** With a worktree git says it. */
function FromWorktree({
  state,
  file,
}: {
  readonly state: SessionState;
  readonly file: string | null;
}) {
  const { changes, problem, again } = usePatch(state.id);
  const patches = useMemo(() => filePatches(changes?.patch ?? ''), [changes]);
  if (changes === null)
    return (
      <Screen title={t.title}>
        {problem === null ? (
          <p className="middle-soft" role="status">
            {work.loading}
          </p>
        ) : (
          <div role="alert" className="part">
            <p>
              {work.failed} {problem}
            </p>
            <Button onClick={again}>{en.app.tryAgain}</Button>
          </div>
        )}
      </Screen>
    );
  const found = changes.files.find(({ path }) => path === file);
  return (
    <Files
      file={file}
      rows={changes.files.map((one) => ({
        path: one.path,
        name: one.path,
        plus: one.insertions,
        minus: one.deletions,
        note: one.status === 'modified' ? '' : work.statuses[one.status],
      }))}
      more={changes.total - changes.files.length}
      sessionId={state.id}
    >
      {found !== undefined && <FileDiff file={found} part={patches.get(found.path)} />}
    </Files>
  );
}

/** Without one, the agent's own calls say it, in their order. */
function FromTranscript({
  state,
  items,
  file,
}: {
  readonly state: SessionState;
  readonly items: TranscriptItems;
  readonly file: string | null;
}) {
  const rows = useMemo(() => changesIn(items.items), [items]);
  const diffs = useMemo(
    () =>
      [...items.items].flatMap((item) =>
        item.kind === 'tool' && item.status !== 'failed'
          ? diffsOf(item).filter(({ path }) => path === file)
          : [],
      ),
    [items, file],
  );
  return (
    <Files
      file={file}
      rows={rows.map(({ path, plus, minus }) => ({
        path,
        name: shortPath(path, state.cwd),
        plus,
        minus,
        note: '',
      }))}
      more={0}
      sessionId={state.id}
    >
      {diffs.length > 0 && diffs.map((diff, i) => <DiffView key={i} diff={diff} cwd={state.cwd} />)}
    </Files>
  );
}

interface FileRow {
  readonly path: string;
  readonly name: string;
  readonly plus: number;
  readonly minus: number;
  readonly note: string;
}

interface FilesProps {
  readonly file: string | null;
  readonly rows: readonly FileRow[];
  /** How many more there are than could be listed. */
  readonly more: number;
  readonly sessionId: SessionId;
  /** The diff of `file`; false when it is not among them. */
  readonly children: ReactNode;
}

function Files({ file, rows, more, sessionId, children }: FilesProps) {
  const router = useRouter();
  if (file !== null) {
    const at = rows.findIndex(({ path }) => path === file);
    const show = (path: string | undefined): void => {
      if (path !== undefined) router.replace({ name: 'changes', sessionId, file: path });
    };
    return (
      <Screen
        title={rows[at]?.name.split('/').at(-1) ?? t.title}
        foot={
          <nav className="foot-bar" aria-label={t.title}>
            <IconButton
              label={t.previous}
              disabled={at <= 0}
              onClick={() => show(rows[at - 1]?.path)}
            >
              <Icon name="up" />
            </IconButton>
            <span className="foot-place">{t.place(at + 1, rows.length)}</span>
            <IconButton
              label={t.next}
              disabled={at < 0 || at >= rows.length - 1}
              onClick={() => show(rows[at + 1]?.path)}
            >
              <Icon name="down" />
            </IconButton>
          </nav>
        }
      >
        {at === -1 ? <p className="soft">{t.gone}</p> : <div className="one-file">{children}</div>}
      </Screen>
    );
  }
  return (
    <Screen title={t.title}>
      {rows.length === 0 ? (
        <p className="soft">{t.none}</p>
      ) : (
        <ul role="list" className="file-rows" aria-label={work.files}>
          {rows.map((row) => (
            <li key={row.path}>
              <button
                type="button"
                className="file-row"
                onClick={() => router.go({ name: 'changes', sessionId, file: row.path })}
              >
                <FileName name={row.name} />
                <span className="file-lines">
                  {row.note !== '' && <span className="file-note">{row.note}</span>}
                  <span aria-hidden="true">{en.diff.lines(row.plus, row.minus)}</span>
                  <span className="unseen">{en.diff.linesWords(row.plus, row.minus)}</span>
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {more > 0 && <p className="soft">{work.more(more)}</p>}
    </Screen>
  );
}

/** The name first: of a long path its end says most. */
function FileName({ name }: { readonly name: string }) {
  const cut = name.lastIndexOf('/') + 1;
  return (
    <span className="file-name">
      {name.slice(cut)}
      {cut > 0 && <span className="file-folder">{name.slice(0, cut - 1)}</span>}
    </span>
  );
}
