import { deceptionsIn } from '../../../src/base/visible-text.ts';
import type { Approval, RiskLevel } from '../../../src/protocol/approval/approval.ts';
import { useHost } from '../../state/host-context.tsx';
import { en } from '../../strings/en.ts';
import { risk as r } from '../../strings/risk.ts';
import { Shown } from '../../ui/shown.tsx';
import { clockOf } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { shortPath } from '../diff/short-path.ts';
import { commandOf } from '../transcript/tool-words.ts';

const t = en.approvals;
const AGE_EVERY_MS = 60_000;

/** Whether it is asked once more before such a call is allowed, and never allowed among others. */
export function isCareful(
  level: RiskLevel | undefined,
): level is Extract<RiskLevel, 'high' | 'highest'> {
  return level === 'high' || level === 'highest';
}

/** Where it would run, in which mode, why it is asked and what may go wrong; in words. */
export function CallFacts({
  approval,
  cwd,
}: {
  readonly approval: Approval;
  readonly cwd: string | undefined;
}) {
  const branch = useHost(
    ({ sessions }) => sessions.find(({ id }) => id === approval.sessionId)?.branch ?? null,
  );
  const nowMs = useNow(AGE_EVERY_MS);
  const { asks, mode, expiresAt } = approval;
  const why = approval.why ?? descriptionOf(approval.call.input);
  const asked = [asks === undefined ? '' : r.asks[asks.because], asks?.rule?.text ?? '']
    .filter(Boolean)
    .join(' ');
  return (
    <dl className="facts">
      {cwd !== undefined && (
        <Fact name={t.where} className="code">
          <Shown text={[cwd, ...placesOf(approval, cwd)].join('\n')} />
          {branch !== null && `\n${r.worktree(branch)}`}
        </Fact>
      )}
      {mode != null && (
        <Fact name={r.mode}>
          {en.session.modes[mode]}: {en.session.modeHints[mode]}
        </Fact>
      )}
      {why !== undefined && (
        <Fact name={t.why}>
          <Shown text={why} />
        </Fact>
      )}
      {asked !== '' && (
        <Fact name={r.asksLabel}>
          <Shown text={asked} />
          {approval.decider?.fresh === true && ` ${r.fresh}`}
        </Fact>
      )}
      <Risk approval={approval} />
      {expiresAt !== null && (
        <Fact name={r.expires}>
          {[clockOf(expiresAt, nowMs), r.onExpiry[approval.onExpiry ?? 'stay']].join(', ')}
        </Fact>
      )}
    </dl>
  );
}

function Fact({
  name,
  className,
  children,
}: {
  readonly name: string;
  readonly className?: string;
  readonly children: React.ReactNode;
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className={className}>{children}</dd>
    </div>
  );
}

/** The level in a word, and each mark with all that it is about. */
function Risk({ approval }: { readonly approval: Approval }) {
  const { risk, kind } = approval;
  const marks = risk?.marks ?? [];
  const known = marks.some((mark) => mark.kind === 'lookAlike');
  const signs = known ? [] : deceptionsIn(decidingText(approval));
  const level = risk === undefined ? '' : r.levels[risk.level];
  if (level === '' && t.risk[kind] === '' && signs.length === 0) return null;
  return (
    <Fact name={t.riskLabel} className={isCareful(risk?.level) ? 'risk-high' : 'risk'}>
      {level !== '' && <strong>{level}. </strong>}
      {t.risk[kind]}
      {(marks.length > 0 || signs.length > 0) && (
        <ul>
          {marks.map((mark, i) => (
            <li key={i}>
              {r.marks[mark.kind]}
              {mark.about !== '' && (
                <>
                  {': '}
                  <span className="code">
                    <Shown text={mark.about} />
                  </span>
                </>
              )}
            </li>
          ))}
          {signs.length > 0 && (
            <li>
              {r.marks.lookAlike}: <span className="code">{signs.join(' ')}</span>
            </li>
          )}
        </ul>
      )}
    </Fact>
  );
}

function placesOf({ call }: Approval, cwd: string): string[] {
  const places = call.locations.map(
    ({ path, line }) => `${shortPath(path, cwd)}${line === undefined ? '' : `:${line}`}`,
  );
  const shownInDiff = new Set(call.diff.map(({ path }) => shortPath(path, cwd)));
  return places.filter((place) => place !== cwd && !shownInDiff.has(place));
}

/** What names the call; the text of files is marked where it is shown. */
function decidingText({ title, call }: Approval): string {
  const paths = [...call.locations, ...call.diff].map(({ path }) => path);
  return [title, commandOf(call.input) ?? '', ...paths].join('\n');
}

/** Claude says in its input what a command is for. */
function descriptionOf(input: unknown): string | undefined {
  if (typeof input !== 'object' || input === null) return undefined;
  const { description } = input as { description?: unknown };
  return typeof description === 'string' && description !== '' ? description : undefined;
}
