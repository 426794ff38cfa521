import type {
  Attention,
  AttentionItem,
  NotifyPlace,
  NotifyState,
} from '../../protocol/attention.ts';
import type { NotifyTest } from '../../protocol/push.ts';
import { noteWords } from './reach-text.ts';
import { table } from './table.ts';
import { ago, oneLine } from './text.ts';

/** What asks for a person now, where a person is told, and how that fares. */
export function notifyText(
  notify: NotifyState,
  { items }: Attention,
  nowMs: number,
  columns?: number,
): string {
  return [
    ...asking(items, nowMs, columns),
    '',
    ...places(notify.places, nowMs, columns),
    '',
    ...quiet(notify),
    noteWords(notify.note, nowMs),
    ...switchedOff(notify),
    ...allowed(notify),
    'When and how: porchlight notify policy',
  ].join('\n');
}

function asking(items: readonly AttentionItem[], nowMs: number, columns?: number): string[] {
  if (items.length === 0) return ['Nothing asks for you.'];
  const rows = items.map((item) => [
    item.kind,
    ago(item.since, nowMs),
    toldWords(item),
    item.sessionId ?? '',
    `${item.title}: ${item.text}`,
  ]);
  return [table(['ASKS', 'SINCE', 'TOLD', 'SESSION', 'WHAT'], rows, columns)];
}

/** Where it was told; each place once, with how the last telling there went. */
function toldWords({ told, seenAt }: AttentionItem): string {
  if (seenAt !== null) return 'seen';
  const last = new Map(told.map(({ place, outcome }) => [place, outcome]));
  const words = [...last].map(
    ([place, outcome]) =>
      `${place.startsWith('device:') ? 'device' : place}${outcome === 'failed' ? ' (failed)' : ''}`,
  );
  return words.length === 0 ? 'not yet' : [...new Set(words)].join(', ');
}

function places(list: readonly NotifyPlace[], nowMs: number, columns?: number): string[] {
  if (list.length === 0)
    return [
      'You are told on surfaces that you use, and nowhere else yet. On a phone: pair it (porchlight pair), and turn notifications on in its page.',
    ];
  const rows = list.map(({ place, kind, name, state, lastAt, problem }) => [
    kind === 'push' ? name : place,
    kind === 'push' ? 'push' : name,
    state === 'failing' ? 'FAILING' : state,
    lastAt === null ? 'never' : ago(lastAt, nowMs),
    problem ?? '',
  ]);
  return [table(['PLACE', 'BY', 'STATE', 'LAST TOLD', 'PROBLEM'], rows, columns)];
}

function quiet({ quietUntil, policy }: NotifyState): string[] {
  if (quietUntil === null) return [];
  const except =
    policy.quietExcept.length === 0 ? 'nothing' : `only ${policy.quietExcept.join(' and ')}`;
  const until = new Date(quietUntil).toTimeString().slice(0, 5);
  return [`Quiet hours until ${until}: ${except} is told of; the rest waits.`];
}

function switchedOff({ policy }: NotifyState): string[] {
  const off = Object.entries(policy.kinds).filter(([, on]) => !on);
  return off.length === 0 ? [] : [`Not told at all: ${off.map(([kind]) => kind).join(', ')}.`];
}

function allowed({ allowHosts = [] }: NotifyState): string[] {
  if (allowHosts.length === 0) return [];
  return [`May be private, and plain http: ${allowHosts.map(oneLine).join(', ')}`];
}

/** How tests went, one line each. */
export function testText(
  tests: readonly (NotifyTest & Pick<NotifyPlace, 'place' | 'name' | 'kind'>)[],
): string {
  return tests
    .map(({ ok, status, tookMs, problem, place, name, kind }) => {
      const which = kind === 'push' ? oneLine(name) : place;
      const code = status === null ? '' : ` (${status})`;
      return ok
        ? `${which}: handed over in ${Math.round(tookMs)} ms${code}. Whether it is shown, look there.`
        : `${which}: FAILED after ${Math.round(tookMs)} ms${code}: ${oneLine(problem ?? 'for no reason that was told')}`;
    })
    .join('\n');
}
