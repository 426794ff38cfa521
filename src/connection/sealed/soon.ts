/** Runs something after what is due in this turn of the event loop, and before any timer. */
export type Soon = (run: () => void) => void;

/** `setTimeout` waits a whole millisecond in Node and up to four in a page: a noticeable part of a resume. */
export const systemSoon: Soon = (run) => {
  const { setImmediate } = globalThis as { setImmediate?: (run: () => void) => unknown };
  if (setImmediate !== undefined) return void setImmediate(run);
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    run();
  };
  port2.postMessage(null);
};
