import type { ComponentProps, ReactNode } from 'react';
import './button.css';

export interface ButtonProps extends ComponentProps<'button'> {
  readonly look?: 'plain' | 'quiet' | 'decide' | 'danger';
  /** Shown in the tooltip and read out, e.g. "Alt N". */
  readonly shortcut?: string | undefined;
  readonly icon?: ReactNode;
}

export function Button({
  look = 'plain',
  shortcut,
  icon,
  children,
  className = '',
  title,
  ...rest
}: ButtonProps) {
  const tip = [title, shortcut].filter(Boolean).join(' · ');
  return (
    <button
      type="button"
      className={`button button-${look} ${className}`}
      title={tip || undefined}
      {...rest}
    >
      {icon}
      {children !== undefined && <span className="button-words">{children}</span>}
    </button>
  );
}

export interface IconButtonProps extends Omit<ComponentProps<'button'>, 'children'> {
  readonly label: string;
  readonly shortcut?: string | undefined;
  readonly children: ReactNode;
}

/** A button that shows a picture; its name is in the label and the tooltip. */
export function IconButton({
  label,
  shortcut,
  children,
  className = '',
  ...rest
}: IconButtonProps) {
  return (
    <button
      type="button"
      className={`icon-button ${className}`}
      aria-label={label}
      title={shortcut === undefined ? label : `${label} · ${shortcut}`}
      {...rest}
    >
      {children}
    </button>
  );
}
