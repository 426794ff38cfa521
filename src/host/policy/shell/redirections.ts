import type { Redirection as RedirectionNode } from 'unbash';
import type { Redirection } from './command-line.ts';
import type { ScriptPlace } from './reading.ts';
import { shellWord, visitParts } from './shell-words.ts';

const NOWHERE = new Set(['/dev/null', '/dev/stdout', '/dev/stderr', '/dev/stdin']);

/** What a redirection opens; null where it opens nothing, as `2>&1` and here-documents. */
export function readRedirection(node: RedirectionNode, place: ScriptPlace): Redirection | null {
  const { reading } = place;
  if (node.descriptor !== undefined && node.descriptor.type !== 'FileDescriptor') {
    reading.cannotRead('a redirection names a variable');
  }
  if (node.type === 'HereDoc') {
    readHereDoc(node, place);
    return null;
  }
  if (node.target === undefined) {
    reading.cannotRead('a redirection goes nowhere');
    return null;
  }
  const target = shellWord(node.target, place);
  if (node.type === 'HereString') return null;
  if (target.text !== null && NOWHERE.has(target.text)) return null;
  const isDescriptor = target.text !== null && /^(?:\d+-?|-)$/.test(target.text);
  if ((node.operator === '>&' || node.operator === '<&') && isDescriptor) return null;
  // `>! name` overwrites in zsh; `<& name` and /dev/tcp mean something to bash only.
  if (/^[!|&]/.test(target.source)) reading.cannotRead(`${target.source} is no plain target`);
  if (node.operator === '<&') reading.cannotRead('it copies a descriptor that is not known');
  if (/^\/dev\/(?:tcp|udp)(?:\/|$)/.test(target.begins)) {
    reading.cannotRead(`${target.source} is the network`);
  }
  const read: Redirection = { to: node.operator === '<' ? 'read' : 'write', target };
  (read.to === 'read' ? reading.reads : reading.writes).push(target);
  return read;
}

function readHereDoc(
  node: Extract<RedirectionNode, { type: 'HereDoc' }>,
  place: ScriptPlace,
): void {
  const { delimiter, body, closing } = node;
  if (delimiter === undefined || closing === undefined) {
    place.reading.cannotRead('a here-document has no end');
    return;
  }
  if (!/^[A-Za-z_][\w.-]*$/.test(delimiter.value)) {
    place.reading.cannotRead(`${delimiter.text} is an odd end for a here-document`);
  }
  if (delimiter.quoted) {
    place.plain?.push([body.pos, body.end]);
    return;
  }
  if (/\\\n/.test(body.text)) place.reading.cannotRead('a here-document joins its lines');
  place.plain?.push([body.pos, body.end]);
  visitParts(body.parts ?? [], place);
}
