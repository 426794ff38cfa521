import { useHost } from '../../state/host-context.tsx';
import { useNow } from '../../ui/use-now.ts';
import { usePhone } from '../phone-world.ts';
import { linkWords, type LinkWords } from './link-words.ts';

/** The open host's name, as this phone knows it. */
export function useHostName(): string {
  return usePhone(({ hosts, open }) => hosts.find(({ id }) => id === open?.id)?.name ?? '');
}

export function useLinkWords(everyMs: number): { words: LinkWords; nowMs: number } {
  const facts = usePhone((state) => state.facts);
  const link = useHost((host) => host.link);
  const why = useHost((host) => host.asleep?.why ?? null);
  const back = usePhone(({ hosts, open }) => hosts.find(({ id }) => id === open?.id));
  const hostName = back?.name ?? '';
  const nowMs = useNow(everyMs);
  return { words: linkWords({ facts, link, hostName, why, back, nowMs }), nowMs };
}
