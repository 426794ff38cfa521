/** At most so many UTF-16 units, the ellipsis included, and no character as people see it in halves. */
export function cutText(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  let end = 0;
  // A beginning is enough, and a text may be long.
  for (const { segment, index } of new Intl.Segmenter().segment(text.slice(0, maxChars))) {
    // The last may go on behind the cut.
    if (index + segment.length >= maxChars) break;
    end = index + segment.length;
  }
  return `${text.slice(0, end)}…`;
}
