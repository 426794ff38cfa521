import type {
  CommandNode,
  CompoundList,
  ParsedScript,
  PipelineNode,
  Redirection as RedirectionNode,
  Statement,
  TestExpression,
} from 'unbash';
import { assertNever } from '../../../base/assert-never.ts';
import { MAX_LINE_DEPTH, type Redirection } from './command-line.ts';
import { isHarmlessName } from './environment.ts';
import { readRedirection } from './redirections.ts';
import type { ScriptPlace } from './reading.ts';
import { argumentWord, assignedWord, shellWord, walkWithin } from './shell-words.ts';
import { simpleCommand } from './simple-command.ts';

/** Finds every command of a script. What it does not know makes the line opaque. */
export function walkScript(script: ParsedScript | undefined, from: ScriptPlace): void {
  if (script === undefined) {
    from.reading.cannotRead('a part of it cannot be parsed');
    return;
  }
  // The text of an escaped `…` is not that of the line: positions in it mean nothing.
  const plain = script.source === undefined ? from.plain : null;
  const place = { ...from, depth: from.depth + 1, plain };
  if (script.source?.includes('#') === true) place.reading.cannotRead('it holds # within `…`');
  if (place.depth > MAX_LINE_DEPTH) {
    place.reading.cannotRead('it is nested too deeply');
    return;
  }
  for (const error of script.errors ?? []) place.reading.cannotRead(`syntax: ${error.message}`);
  if (script.shebang !== undefined) place.reading.cannotRead('it begins with #!');
  walkStatements(script.commands, place);
}

function walkStatements(statements: readonly Statement[], from: ScriptPlace): void {
  for (const { command, background } of statements) {
    const place = background === true ? { ...from, background: true } : from;
    if (command.type === 'AndOr') for (const one of command.commands) walkPipeline(one, place);
    else walkPipeline(command, place);
  }
}

function walkList(list: CompoundList | undefined, place: ScriptPlace): void {
  if (list !== undefined) walkStatements(list.commands, place);
}

function walkPipeline(node: PipelineNode, place: ScriptPlace): void {
  if (node.type !== 'Pipeline') walkCommand(node, place, []);
  else for (const command of node.commands) walkCommand(command, place, []);
}

function walkCommand(node: CommandNode, place: ScriptPlace, around: readonly Redirection[]): void {
  const { reading } = place;
  switch (node.type) {
    case 'Command': {
      const name = node.name === undefined ? null : shellWord(node.name, place);
      for (const part of node.prefix) {
        if (part.type === 'Assignment') {
          const value = assignedWord(part, place);
          if (!isHarmlessName(part.name, value, name !== null)) {
            reading.cannotRead(`${part.name} may change what runs`);
          }
        }
      }
      const args = node.args.map((argument) => argumentWord(argument, place));
      const own = node.redirects.flatMap((one) => readRedirection(one, place) ?? []);
      if (name !== null) simpleCommand([name, ...args], [...own, ...around], place);
      else if (node.redirects.length > 0)
        reading.cannotRead('a redirection stands without a command');
      return;
    }
    case 'Redirected':
      walkCommand(node.command, place, [...around, ...redirections(node.redirects, place)]);
      return;
    case 'Subshell':
    case 'BraceGroup':
      walkList(node.body, place);
      return;
    case 'If':
      for (const branch of [node, ...node.elif]) {
        walkList(branch.clause, place);
        walkList(branch.then, place);
      }
      walkList(node.else, place);
      return;
    case 'While':
      walkList(node.clause, place);
      walkList(node.body, place);
      return;
    case 'For': {
      const name = shellWord(node.name, place);
      if (name.text === null || !isHarmlessName(name.text, null, false)) {
        reading.cannotRead(`${name.source} may change what runs`);
      }
      for (const word of node.wordlist ?? []) shellWord(word, place);
      walkList(node.body, place);
      return;
    }
    case 'Case':
      shellWord(node.word, place);
      for (const item of node.items) {
        for (const word of item.pattern) shellWord(word, place);
        if (item.terminator !== undefined && item.terminator !== ';;') {
          reading.cannotRead(`${item.terminator} is not known to every shell`);
        }
        walkList(item.body, place);
      }
      return;
    case 'TestCommand':
      walkTest(node.expression, place);
      return;
    case 'Function':
      reading.cannotRead('it defines a function');
      if (node.body.type === 'CompoundList') walkList(node.body, place);
      else walkCommand(node.body, place, around);
      return;
    case 'Coproc':
      reading.cannotRead('it starts a coprocess');
      if (node.body.type === 'CompoundList') walkList(node.body, place);
      else walkCommand(node.body, place, around);
      return;
    case 'Select':
      reading.cannotRead('select asks for input');
      for (const word of node.wordlist ?? []) shellWord(word, place);
      walkList(node.body, place);
      return;
    case 'ArithmeticFor':
      reading.cannotRead('it computes');
      for (const part of [node.initialize, node.test, node.update]) {
        if (part !== undefined) walkWithin(part, place);
      }
      walkList(node.body, place);
      return;
    case 'ArithmeticCommand':
      reading.cannotRead('it computes');
      walkWithin(node, place);
      return;
    default:
      assertNever(node);
  }
}

function redirections(nodes: readonly RedirectionNode[], place: ScriptPlace): Redirection[] {
  return nodes.flatMap((one) => readRedirection(one, place) ?? []);
}

// `-v`, `-eq` and their kin compute; sh would take && within for the end of the command.
const HARMLESS_UNARY = new Set(['-e', '-f', '-d', '-h', '-L', '-r', '-w', '-x', '-s', '-n', '-z']);
const HARMLESS_BINARY = new Set(['=', '==', '!=', '=~']);

function walkTest(test: TestExpression, place: ScriptPlace): void {
  const { reading } = place;
  const odd = (what: string): void => reading.cannotRead(`${what} within [[ ]] is not read`);
  switch (test.type) {
    case 'TestUnary':
      if (!HARMLESS_UNARY.has(test.operator)) odd(test.operator);
      shellWord(test.operand, place);
      return;
    case 'TestBinary':
      if (!HARMLESS_BINARY.has(test.operator)) odd(test.operator);
      shellWord(test.left, place);
      shellWord(test.right, place);
      return;
    case 'TestNot':
      walkTest(test.operand, place);
      return;
    case 'TestLogical':
      odd(test.operator);
      for (const one of test.operands) walkTest(one, place);
      return;
    case 'TestGroup':
      odd('( )');
      walkTest(test.expression, place);
      return;
    default:
      assertNever(test);
  }
}
