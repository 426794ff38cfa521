import { useEffect, useRef, type ReactNode } from 'react';
import { phone } from '../../strings/phone.ts';
import { IconButton } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { LidAlarm } from './lid-alarm.tsx';
import { LinkBanner } from './link-banner.tsx';
import { useRouter } from './router-context.ts';

export interface ScreenProps {
  readonly title: string;
  /** Instead of the plain title. */
  readonly head?: ReactNode;
  readonly canLeave?: boolean;
  readonly aside?: ReactNode;
  /** There is nothing in it to be focused, and keys are to scroll it. */
  readonly isText?: boolean;
  readonly children: ReactNode;
  /** Under the thumb, always there. */
  readonly foot?: ReactNode;
}

/** Head, a body that scrolls, and a foot under the thumb. */
export function Screen(props: ScreenProps) {
  const { title, head, canLeave = true, aside, isText = false, children, foot } = props;
  return (
    <>
      <header className="screen-head">
        {canLeave && <BackButton />}
        <ScreenTitle title={title} isShown={head === undefined} />
        {head}
        {aside}
      </header>
      <LinkBanner />
      <LidAlarm />
      <main className="screen-body" tabIndex={isText ? 0 : undefined}>
        {children}
      </main>
      {foot !== undefined && <footer className="screen-foot">{foot}</footer>}
    </>
  );
}

/** Has the focus when the screen opens, so that a screen reader says where one is. */
export function ScreenTitle({
  title,
  isShown,
}: {
  readonly title: string;
  readonly isShown: boolean;
}) {
  const ref = useRef<HTMLHeadingElement>(null);
  useEffect(() => ref.current?.focus({ preventScroll: true }), []);
  return (
    <h1 ref={ref} tabIndex={-1} className={isShown ? 'screen-title' : 'unseen'}>
      {title}
    </h1>
  );
}

export function BackButton() {
  const router = useRouter();
  return (
    <IconButton label={phone.session.back} className="screen-back" onClick={() => router.back()}>
      <Icon name="back" />
    </IconButton>
  );
}
