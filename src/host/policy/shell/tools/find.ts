import { unknownWord, type ShellWord } from '../command-line.ts';
import { list, type Judge } from '../tool.ts';

const ALONE = list(`-H -L -P -print -print0 -ls -prune -quit -depth -d -mount -xdev -x -empty -true
  -false -not -a -o -and -or ! ( ) , -readable -writable -executable -daystart -follow -noleaf
  -nouser -nogroup -warn -nowarn -ignore_readdir_race`);
const WITH_VALUE =
  list(`-name -iname -path -ipath -wholename -iwholename -regex -iregex -type -xtype
  -maxdepth -mindepth -size -mtime -mmin -atime -amin -ctime -cmin -newer -anewer -cnewer -newermt
  -perm -user -group -uid -gid -links -inum -samefile -regextype -printf -lname -ilname -fstype -used
  -newerct -newerat -context`);
const RUNS = list('-exec -execdir -ok -okdir');

/** What each path that it finds begins with: that of the folder that it starts from, if one. */
function startOf(words: readonly ShellWord[], from: number): string {
  const starts: ShellWord[] = [];
  for (const word of words.slice(from)) {
    if (/^[-(!,]/.test(word.begins)) break;
    starts.push(word);
  }
  return starts.length === 0 ? '.' : starts.length === 1 ? (starts[0]?.begins ?? '') : '';
}

/** `find`: what it runs are commands of their own; what deletes or writes is objected to. */
export function judgeFind(words: readonly ShellWord[], from: number, to: Judge): void {
  for (let at = from; at < words.length; at += 1) {
    const word = words[at];
    const text = word?.text ?? null;
    if (word === undefined) return;
    if (text === null) {
      // `src/*` stays a path; anything else may become `-delete`.
      if (!/^[^-(!,]/.test(word.begins)) to.object(at, `${word.source} may become an option`);
    } else if (RUNS.has(text)) {
      at = judgeRun(words, at, startOf(words, from), to);
    } else if (WITH_VALUE.has(text)) {
      const value = words[at + 1];
      at += 1;
      if (value?.many === true) to.object(at, `${value.source} may become an option`);
      // A value of the wrong shape is an error; one that is an option may be a slip of ours.
      else if (
        value?.text?.startsWith('-') === true &&
        !/^-\d+[a-zA-Z]?$|^-[0-7]{3,4}$/.test(value.text)
      ) {
        to.object(at, `${value.source} may become an option`);
      }
    } else if (!ALONE.has(text) && !/^[^-(!,]/.test(text)) {
      to.object(at, `${text} is not known to do no harm`);
    }
  }
}

function judgeRun(words: readonly ShellWord[], at: number, start: string, to: Judge): number {
  const option = words[at]?.text ?? '';
  let end = at + 1;
  while (end < words.length && words[end]?.text !== ';') {
    if (words[end]?.text === '+' && words[end - 1]?.text === '{}') break;
    end += 1;
  }
  const inner = words.slice(at + 1, end);
  const known = inner[0]?.text != null && !inner[0].text.includes('{}');
  if (option !== '-exec' || end >= words.length || !known || inner.some(({ many }) => many)) {
    to.object(at, `${option} runs commands`);
  }
  to.runs.push(
    inner.map((word) => {
      if (word.text?.includes('{}') !== true) return word;
      const before = word.text.slice(0, word.text.indexOf('{}'));
      return unknownWord(word.source, before === '' ? start : before);
    }),
  );
  return end;
}
