/** Runs something after what is due in this turn of the event loop, and before any timer. */
export type Soon = (run: () => void) => void;

/** What Node and what pages have for it. */
interface Globals {
  setImmediate?(run: () => void): unknown;
  MessageChannel?: new () => {
    port1: { onmessage: (() => void) | null; close(): void };
    port2: { postMessage(message: null): void };
  };
}

/** `setTimeout` waits a whole millisecond in Node and up to four in a page: a noticeable part of a resume. */
export const systemSoon: Soon = (run) => {
  const { setImmediate, MessageChannel } = globalThis as object as Globals;
  if (setImmediate !== undefined) return void setImmediate(run);
  if (MessageChannel === undefined) return void setTimeout(run, 0);
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    run();
  };
  port2.postMessage(null);
};
