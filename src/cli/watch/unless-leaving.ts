/** A reader that has stopped reading must not hold up Ctrl-C. */
export async function unlessLeaving(writing: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  let leave = (): void => {};
  const left = new Promise<void>((resolve) => (leave = resolve));
  signal.addEventListener('abort', leave, { once: true });
  await Promise.race([writing, left]);
  signal.removeEventListener('abort', leave);
}
