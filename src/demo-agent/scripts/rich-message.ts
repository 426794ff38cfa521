/** One message with everything a renderer may stumble over. */
export const RICH_MESSAGE = `# A heading
## A smaller one

Text with **bold**, *italic*, ~~struck~~, \`code\`, and a [link](https://example.com/a?b=c#d).

- a list
  - inside a list
    1. numbered
- [x] done
- [ ] not done

> A quotation
> over two lines

| Lamp | Shape | Meaning |
|:-----|:-----:|--------:|
| dark | outline | idle |
| lit | filled | working |
| knock | filled, dot | needs you |

\`\`\`ts
export function greet(name: string): string {
  return \`Good evening, \${name}\`; // <b>not markup</b>
}
\`\`\`

\`\`\`python
def lamps(n: int) -> list[str]:
    return ["lit" if i % 2 else "dark" for i in range(n)]
\`\`\`

\`\`\`diff
- const lit = false;
+ const lit = true;
\`\`\`

A long line without a break: ${'lamp'.repeat(120)}

Emoji 🏮 💡 👩🏽‍💻 🇯🇵, CJK 玄関の灯りをつけておく 現在の状態, Arabic مصباح الشرفة, combining é vs é.

<script>alert('not run')</script> <img src=x onerror="alert(1)">

[a link that must not open](javascript:alert(1)) ![remote](https://example.com/pixel.png)

---

The end.
`;
