import { RpcFailure } from '../../protocol/errors.ts';
import { commandIdSchema } from '../../protocol/ids.ts';
import { methods, type MethodName } from '../../protocol/methods.ts';
import type { Handlers } from '../api/handlers.ts';
import type { SurfaceConnection } from '../api/surface-connection.ts';
import type { CommandClaims } from '../sessions/command-claims.ts';
import type { FolderBounds } from './folder-bounds.ts';

export interface DeviceRules {
  readonly claims: Pick<CommandClaims, 'claim'>;
  readonly bounds: FolderBounds;
}

/** The host's methods, with what holds for paired devices beside their role: see {@link DeviceRules}. */
export function forDevices(handlers: Handlers, { claims, bounds }: DeviceRules): Handlers {
  const bounded: Handlers = {
    ...handlers,
    'session.start': async (params, surface) => {
      if (surface.device === null) return await handlers['session.start'](params, surface);
      const cwd = await bounds.mayWorkIn(params.cwd);
      return await handlers['session.start']({ ...params, cwd }, surface);
    },
    'session.adopt': async (params, surface) => {
      // Where the conversation ran is checked when its agent has said it.
      if (surface.device !== null && params.cwd !== undefined) await bounds.mayWorkIn(params.cwd);
      return await handlers['session.adopt'](params, surface);
    },
    'agents.conversations': async (params, surface) => {
      if (surface.device === null) return await handlers['agents.conversations'](params, surface);
      if (params.cwd !== undefined) await bounds.mayWorkIn(params.cwd);
      const { agent, conversations } = await handlers['agents.conversations'](params, surface);
      const allowed = await allowedAmong(bounds, new Set(conversations.map(({ cwd }) => cwd)));
      return { agent, conversations: conversations.filter(({ cwd }) => allowed.has(cwd)) };
    },
    'folder.look': async ({ path }, surface) => {
      const folder = surface.device === null ? path : await bounds.mayWorkIn(path);
      return await handlers['folder.look']({ path: folder }, surface);
    },
    'folder.list': async (params, surface) => {
      if (surface.device === null) return await handlers['folder.list'](params, surface);
      const { folder, isRoot } = await bounds.mayList(params.path);
      const listed = await handlers['folder.list']({ path: folder }, surface);
      return isRoot ? { ...listed, parent: null } : listed;
    },
  };
  // Each name keeps its own handler; TypeScript cannot see that through the loop.
  return Object.fromEntries(
    Object.entries(bounded).map(([name, handler]) => [
      name,
      takesCommand(name) ? claimed(handler as AnyHandler, claims) : handler,
    ]),
  ) as unknown as Handlers;
}

type AnyHandler = (params: { commandId: unknown }, surface: SurfaceConnection) => unknown;

function claimed(handler: AnyHandler, claims: DeviceRules['claims']): AnyHandler {
  return (params, surface) => {
    claims.claim(surface.device?.id ?? null, commandIdSchema.parse(params.commandId));
    return handler(params, surface);
  };
}

/** Whether it is a method that is done once by its command id. */
export function takesCommand(name: string): boolean {
  if (!Object.hasOwn(methods, name)) return false;
  // Asked in the line before.
  const { params } = methods[name as MethodName];
  return 'shape' in params && 'commandId' in params.shape;
}

async function allowedAmong(
  bounds: FolderBounds,
  folders: ReadonlySet<string>,
): Promise<Set<string>> {
  const allowed = new Set<string>();
  for (const folder of folders)
    try {
      await bounds.mayWorkIn(folder);
      allowed.add(folder);
    } catch (error) {
      if (!(error instanceof RpcFailure)) throw error;
    }
  return allowed;
}
