import { useEffect, useRef } from 'react';
import type { SlashCommand } from '../../../src/protocol/transcript/content.ts';
import { en } from '../../strings/en.ts';

export interface CommandListProps {
  readonly id: string;
  readonly commands: readonly SlashCommand[];
  readonly chosen: number;
  readonly onChoose: (name: string) => void;
}

export function CommandList({ id, commands, chosen, onChoose }: CommandListProps) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.children[chosen]?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  return (
    <ul className="commands" role="listbox" id={id} ref={list} aria-label={en.composer.commands}>
      {commands.map((command, i) => (
        <li
          key={command.name}
          id={`${id}-${i}`}
          role="option"
          aria-selected={i === chosen}
          onMouseDown={(event) => {
            // Before the text box loses its focus.
            event.preventDefault();
            onChoose(command.name);
          }}
        >
          <span className="code">/{command.name}</span>
          <span className="commands-about">{command.description}</span>
        </li>
      ))}
    </ul>
  );
}
