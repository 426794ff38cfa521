import { useMemo, useState } from 'react';
import { useWorld } from '../../state/host-context.tsx';
import { en } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Shown } from '../../ui/shown.tsx';
import { lostWords, type ApprovalCardProps } from './card-props.ts';
import { CannotDecideNote, useCannotDecide } from './may-not.tsx';
import { FormFields } from './form-fields.tsx';
import { formContent, questionForm, type FieldProblem, type FieldValue } from './form-model.ts';

const t = en.approvals;

/** A question with the form its agent asks for. */
export function QuestionCard({ approval, mayDecide, onSettled }: ApprovalCardProps) {
  const { acts, surface } = useWorld();
  const cannot = useCannotDecide(approval.decider?.role);
  const form = useMemo(() => questionForm(approval.call.input), [approval.call.input]);
  const [values, setValues] = useState<Readonly<Record<string, FieldValue>>>(form.initial);
  const [problems, setProblems] = useState<Readonly<Record<string, FieldProblem>>>({});
  const [failure, setFailure] = useState<string | null>(null);
  const [sending, setSending] = useState(false);
  const send = async (
    answer: { content: Record<string, unknown> } | { decline: true },
  ): Promise<void> => {
    if (!mayDecide() || sending) return;
    setSending(true);
    setFailure(null);
    try {
      const lost = lostWords(await acts.answer(approval, answer));
      if (lost === null)
        onSettled(approval.id, {
          words:
            'decline' in answer ? t.declined(en.app.by(surface)) : t.answered(en.app.by(surface)),
        });
      else setFailure(lost);
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    }
    setSending(false);
  };
  const submit = (element: HTMLFormElement): void => {
    const result = formContent(form, values);
    setProblems(result.ok ? {} : result.problems);
    if (result.ok) return void send({ content: result.content });
    const [first] = Object.keys(result.problems);
    const index = form.fields.findIndex(({ id }) => id === first);
    element
      .querySelectorAll<HTMLElement>('[data-field]')
      [index]?.querySelector<HTMLElement>('input, select, textarea')
      ?.focus();
  };
  return (
    <form
      className="card-body"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit(event.currentTarget);
      }}
    >
      <p className="card-question">
        <Shown text={form.message || approval.title} />
      </p>
      {approval.why !== undefined && (
        <p className="card-why">
          <Shown text={approval.why} />
        </p>
      )}
      <FormFields
        fields={form.fields}
        values={values}
        problems={problems}
        onChange={(id, value) => setValues({ ...values, [id]: value })}
      />
      {failure !== null && (
        <p className="card-problem" role="alert">
          {failure}
        </p>
      )}
      <CannotDecideNote why={cannot} />
      {cannot !== 'role' && (
        <div className="card-acts">
          <Button look="decide" type="submit" disabled={sending || cannot !== null}>
            {t.answer}
          </Button>
          <Button
            disabled={sending || cannot !== null}
            onClick={() => void send({ decline: true })}
          >
            {t.decline}
          </Button>
        </div>
      )}
    </form>
  );
}
