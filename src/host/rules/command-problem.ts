/** Why the words of a rule's command cannot be read, or null. */
export function commandProblem(command: string): string | null {
  if (command.trim() === '') return 'must name a command';
  return null;
}
