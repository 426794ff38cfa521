import type { Role } from '../../protocol/devices.ts';
import type { PairState } from '../../protocol/pairing.ts';
import { oneLine } from '../output/text.ts';
import { terminalQr } from './terminal-qr.ts';
import { isThisMachine } from '../../protocol/within-reach.ts';

type Offered = Extract<PairState, { phase: 'offered' }>;
type Candidate = Extract<PairState, { phase: 'candidate' }>;

/** One plain sentence per role. */
export const ROLE_WORDS: Record<Role, string> = {
  viewer: 'sees everything, changes nothing',
  approver: 'sees everything and answers approvals',
  operator: 'does all that you can do here: starts sessions, writes to agents, approves',
};

/** What a person needs to scan or copy the code, and to know before doing so. */
export function offerText(offered: Offered, columns: number | undefined): string {
  const { url, page, relay, lan, role } = offered;
  const qr = terminalQr(url, columns);
  const lines = [
    ...(qr ?? [`(The terminal is too narrow for the QR code: ${columns ?? 0} columns.)`]),
    '',
    'Scan it with the phone’s camera, or open this link there:',
    url,
    '',
    `The phone will run the page of ${new URL(page).origin}: you trust whoever serves it.`,
    `It will be paired as ${role}: it ${ROLE_WORDS[role]}.`,
  ];
  if (lan)
    lines.push(
      'On the local network it is plain http, a trial: no installing, no camera, nothing while away, and whoever is on this network could change the page.',
    );
  else if (isThisMachine(relay))
    lines.push(
      `The relay at ${relay} can be reached from this machine only. For a phone: --lan for a trial, or see docs/relay.md.`,
    );
  return lines.join('\n');
}

export function candidateText({ name, digits }: Candidate): string {
  return `“${oneLine(name)}” wants to be paired. It must show these digits:\n\n    ${spaced(digits)}\n`;
}

/** 123456 as people read it. */
export function spaced(digits: string): string {
  return `${digits.slice(0, 3)} ${digits.slice(3)}`;
}
