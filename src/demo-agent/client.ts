import { methods, type AgentContext, type ClientCapabilities } from '@agentclientprotocol/sdk';
import type { Client } from './turn.ts';

/** One session's view of the client, over the SDK's connection. */
export function clientOf(
  context: AgentContext,
  sessionId: string,
  capabilities: ClientCapabilities | undefined,
  writeRaw: (text: string) => Promise<void>,
): Client {
  // A withdrawn question tells the client so ($/cancel_request), and is not waited for.
  const withdrawnBy = (signal: AbortSignal) => ({
    cancellationSignal: signal,
    stopWaitingOnCancel: true,
  });
  return {
    canAskForms: capabilities?.elicitation?.form != null,
    update: async (update) => {
      await context.notify(methods.client.session.update, { sessionId, update });
    },
    askPermission: async (request, signal) =>
      await context.request(
        methods.client.session.requestPermission,
        { sessionId, ...request },
        withdrawnBy(signal),
      ),
    askForm: async (message, requestedSchema, signal) =>
      await context.request(
        methods.client.elicitation.create,
        { mode: 'form', sessionId, message, requestedSchema },
        withdrawnBy(signal),
      ),
    request: async (method, params) => await context.request(method, params),
    notify: async (method, params) => {
      await context.notify(method, params);
    },
    writeRaw,
  };
}
