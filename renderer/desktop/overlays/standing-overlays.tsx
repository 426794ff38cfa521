import { AttentionView } from '../../features/attention/attention-view.tsx';
import { DiffView } from '../../features/diff/diff-view.tsx';
import { LogView } from '../../features/log/log-view.tsx';
import { NightView } from '../../features/night/night-view.tsx';
import { NotifyView } from '../../features/notify/notify-view.tsx';
import { PowerView } from '../../features/power/power-view.tsx';
import { ReachView } from '../../features/reach/reach-view.tsx';
import { RulesView } from '../../features/rules/rules-view.tsx';
import { Toasts } from '../../features/toasts/toasts.tsx';
import { closeOverlay } from '../../state/view-store.ts';
import { attention } from '../../strings/attention.ts';
import { en } from '../../strings/en.ts';
import { log } from '../../strings/log.ts';
import { night } from '../../strings/night.ts';
import { notify } from '../../strings/notify.ts';
import { power } from '../../strings/power.ts';
import { reach } from '../../strings/reach.ts';
import { rules } from '../../strings/rules.ts';
import { Dialog } from '../../ui/dialog.tsx';

const TITLES = {
  rules: rules.title,
  night: night.title,
  log: log.title,
  power: power.title,
  reach: reach.title,
  attention: attention.title,
  notify: notify.title,
};

/** What stands for longer than a session: rules, nights, the log, the machine; loaded when it is opened. */
export function StandingOverlay({ name }: { readonly name: keyof typeof TITLES }) {
  return (
    <Dialog title={TITLES[name]} closeLabel={en.app.close} onClose={closeOverlay} size="large">
      <div className="dialog-body">
        {name === 'rules' && <RulesView />}
        {name === 'night' && <NightView Diff={DiffView} />}
        {name === 'log' && <LogView />}
        {name === 'power' && <PowerView />}
        {name === 'reach' && <ReachView />}
        {name === 'attention' && <AttentionView />}
        {name === 'notify' && <NotifyView />}
      </div>
      {/* The window's own lie behind the dialog, out of reach. */}
      <Toasts />
    </Dialog>
  );
}
