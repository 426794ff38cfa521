import { RuleFiles } from '../../features/rules/rule-files.tsx';
import { RuleList } from '../../features/rules/rule-list.tsx';
import { useRules } from '../../features/rules/use-rules.ts';
import { useHost } from '../../state/host-context.tsx';
import { later } from '../../strings/phone-later.ts';
import { rules as t } from '../../strings/rules.ts';
import { Shown } from '../../ui/shown.tsx';
import { Screen } from '../shell/screen.tsx';
import '../../features/rules/rules.css';
import './more.css';

/** What runs without asking, what never does, and where that stands. It is changed on the computer. */
export function RulesScreen() {
  const { list, failure, acts } = useRules();
  const isUp = useHost((host) => host.link.kind === 'up');
  return (
    <Screen title={t.title} isText>
      <p className="soft">
        {t.order} {later.rules.changeOnHost}
      </p>
      {/* The parts are of the third level, as below a dialog's title. */}
      <h2 className="unseen">{t.title}</h2>
      {failure !== null && (
        <p className="field-problem" role="alert">
          {t.failed} <Shown text={failure} />
        </p>
      )}
      {list === null && failure === null && (
        <p role="status">{isUp ? t.loading : later.rules.needsLink}</p>
      )}
      {list !== null && (
        <div className="rules">
          {list.rules.length === 0 ? (
            <p>{later.rules.none}</p>
          ) : (
            <RuleList rows={list.rules} acts={null} />
          )}
          <RuleFiles files={list.files} rows={list.rules} acts={acts} />
        </div>
      )}
    </Screen>
  );
}
