/**
 * A text from elsewhere as messages show it: in double quotes, cut to `longest` characters, with every character
 * escaped that a terminal or an editor would obey or hide (controls, separators of lines, marks of direction, lone
 * surrogates).
 */
export function quoted(text: string, longest = 100): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  const escaped = JSON.stringify(cut).replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
  return escaped;
}
