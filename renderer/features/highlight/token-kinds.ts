/** One run of characters of one kind; '' is plain. */
export type Token = readonly [
  text: string,
  kind: '' | 'keyword' | 'string' | 'number' | 'function' | 'comment',
];
export type HighlightedLines = readonly (readonly Token[])[];
export interface HighlightRequest {
  readonly id: number;
  readonly code: string;
  readonly language: string;
}
export interface HighlightAnswer {
  readonly id: number;
  /** null: unknown language, or it failed. */
  readonly lines: HighlightedLines | null;
}
