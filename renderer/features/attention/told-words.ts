import type { AttentionItem, NotifyPlace, Told } from '../../../src/protocol/attention.ts';
import { attention as t } from '../../strings/attention.ts';
import { ageOf } from '../../ui/time.ts';

/** More stand in the log. */
const MAX_PLACES = 3;

/** What a place is called; `known`: devices and servers have names of their own. */
export function placeName(
  place: string,
  known: readonly Pick<NotifyPlace, 'place' | 'name'>[],
): string {
  const named = known.find((one) => one.place === place)?.name;
  if (place.startsWith('device:')) return named ?? t.device;
  return t.places[place] ?? named ?? place;
}

export interface ToldWords {
  /** "Told: Pixel 9, 2 min ago; Window, 14:30." */
  readonly told: string;
  /** Places that could not be told, and why. */
  readonly failures: readonly string[];
}

/** Where a person was told of it, the last time at each place, newest first. */
export function toldWords(
  { told }: Pick<AttentionItem, 'told'>,
  known: readonly Pick<NotifyPlace, 'place' | 'name'>[],
  nowMs: number,
): ToldWords {
  const last = new Map<string, Told>();
  for (const one of told) last.set(one.place, one);
  const newest = [...last.values()].toSorted((a, b) => b.at.localeCompare(a.at));
  const name = ({ place }: Told): string => placeName(place, known);
  const ago = ({ at }: Told): string => t.ago(ageOf(at, nowMs));
  const reached = newest.filter(({ outcome }) => outcome !== 'failed');
  const words = reached.slice(0, MAX_PLACES).map((one) => t.toldAt(name(one), ago(one)));
  const more = reached.length - words.length;
  return {
    told:
      words.length === 0
        ? t.toldNowhere
        : t.told([...words, ...(more > 0 ? [t.moreTold(more)] : [])].join('; ')),
    failures: newest
      .filter(({ outcome }) => outcome === 'failed')
      .map((one) => t.toldFailed(name(one), ago(one), one.problem ?? '')),
  };
}
