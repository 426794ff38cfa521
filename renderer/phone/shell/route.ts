import { sessionIdSchema, type SessionId } from '../../../src/protocol/ids.ts';

/** Where the person is; each has a hash of its own, so that a reload and the back gesture keep the place. */
export type Route =
  | { readonly name: 'home' }
  | { readonly name: 'settings' }
  | { readonly name: 'pair' }
  | { readonly name: 'night' }
  | { readonly name: 'power' }
  | { readonly name: 'rules' }
  | { readonly name: 'summary' }
  | { readonly name: 'reach' }
  | { readonly name: 'notify' }
  | { readonly name: 'newSession' }
  | { readonly name: 'session'; readonly sessionId: SessionId }
  | { readonly name: 'about'; readonly sessionId: SessionId }
  /** `file`: the one whose diff is shown; null: the list. */
  | { readonly name: 'changes'; readonly sessionId: SessionId; readonly file: string | null };

/** Those that are about nothing else, by their own name. */
const PLAIN = [
  'settings',
  'pair',
  'night',
  'power',
  'rules',
  'summary',
  'reach',
  'notify',
] as const;

export const HOME: Route = { name: 'home' };

export function hashOf(route: Route): string {
  switch (route.name) {
    case 'home':
      return '#/';
    case 'settings':
    case 'pair':
    case 'night':
    case 'power':
    case 'rules':
    case 'summary':
    case 'reach':
    case 'notify':
      return `#/${route.name}`;
    case 'newSession':
      return '#/new';
    case 'session':
      return `#/s/${route.sessionId}`;
    case 'about':
      return `#/s/${route.sessionId}/about`;
    default:
      return `#/s/${route.sessionId}/changes${route.file === null ? '' : `/${encodeURIComponent(route.file)}`}`;
  }
}

/** Whatever stands in the address bar; what is no place of ours is home. */
export function routeOf(hash: string): Route {
  const [first = '', id = '', sub = '', file] = hash.replace(/^#\/?/, '').split('/');
  const plain = PLAIN.find((name) => name === first);
  if (plain !== undefined) return { name: plain };
  if (first === 'new') return { name: 'newSession' };
  const sessionId = sessionIdSchema.safeParse(id);
  if (first !== 's' || !sessionId.success) return HOME;
  if (sub === 'about') return { name: 'about', sessionId: sessionId.data };
  if (sub === 'changes') return { name: 'changes', sessionId: sessionId.data, file: decoded(file) };
  return { name: 'session', sessionId: sessionId.data };
}

/** Where "back" leads when there is no history to go back in: after a reload, or from a link. */
export function parentOf(route: Route): Route {
  switch (route.name) {
    case 'about':
      return { name: 'session', sessionId: route.sessionId };
    case 'changes':
      return route.file === null
        ? { name: 'session', sessionId: route.sessionId }
        : { ...route, file: null };
    default:
      return HOME;
  }
}

export function sessionOf(route: Route): SessionId | null {
  return 'sessionId' in route ? route.sessionId : null;
}

function decoded(file: string | undefined): string | null {
  if (file === undefined || file === '') return null;
  try {
    return decodeURIComponent(file);
  } catch {
    return null;
  }
}
