/** A terminal that knows what a live page writes: text, CR, LF, up, erase to the right and below. */
export class TerminalScreen {
  readonly size: { readonly columns: number; readonly rows: number };
  #rows: string[] = [''];
  #row = 0;
  #column = 0;

  constructor(columns: number, rows: number) {
    this.size = { columns, rows };
  }

  /** Without the empty ones at the end. */
  lines(): string[] {
    return this.#rows.join('\n').trimEnd().split('\n');
  }

  write(text: string): void {
    for (const [token] of text.matchAll(/\u001b\[\d*[A-Z]|\r|\n|[^\u001b\r\n]/gu))
      this.#take(token);
  }

  #take(token: string): void {
    if (token === '\r') this.#column = 0;
    else if (token === '\n') this.#row += 1;
    else if (token.endsWith('A') && token.length > 2) this.#row -= Number(token.slice(2, -1));
    else if (token === '\u001b[K') this.#set(this.#here().slice(0, this.#column));
    else if (token === '\u001b[J') {
      this.#set(this.#here().slice(0, this.#column));
      this.#rows.length = this.#row + 1;
    } else if (token.startsWith('\u001b'))
      throw new Error(`an unknown sequence ${JSON.stringify(token)}`);
    else this.#put(token);
    if (this.#row < 0) throw new Error('above the top');
  }

  #put(character: string): void {
    if (this.#column >= this.size.columns) throw new Error('beyond the right edge');
    const line = this.#here().padEnd(this.#column);
    this.#set(line.slice(0, this.#column) + character + line.slice(this.#column + 1));
    this.#column += 1;
  }

  #here(): string {
    return this.#rows[this.#row] ?? '';
  }

  #set(line: string): void {
    while (this.#rows.length <= this.#row) this.#rows.push('');
    this.#rows[this.#row] = line;
  }
}
