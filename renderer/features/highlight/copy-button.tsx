import { en } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { useCopied } from '../../ui/use-copied.ts';
import './copy-button.css';

export function CopyButton({ text }: { readonly text: string }) {
  // Where the clipboard is refused the text can still be selected.
  const { copied, copy } = useCopied(text);
  return (
    <Button look="quiet" className="copy" onClick={copy}>
      {copied ? en.transcript.copied : en.transcript.copy}
    </Button>
  );
}
