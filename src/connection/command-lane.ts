/** What concerns the same thing is done in the order in which it was given; nothing else waits for it. */
export function laneOf({
  commandId,
  params: { sessionId, approvalId },
}: {
  readonly commandId: string;
  readonly params: Readonly<Record<string, unknown>>;
}): string {
  if (typeof sessionId === 'string') return sessionId;
  return typeof approvalId === 'string' ? approvalId : commandId;
}
