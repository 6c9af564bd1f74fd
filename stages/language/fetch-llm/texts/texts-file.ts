/** The artifact that holds texts: a line for each, a JSON object with the text as `text`. */
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { splitLines } from './split-lines.ts';

export async function writeTexts(path: string, texts: AsyncIterable<string>): Promise<void> {
  const stream = createWriteStream(path);
  for await (const text of texts) {
    if (!stream.write(JSON.stringify({ text }) + '\n')) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'finish');
}

export async function* readTexts(path: string): AsyncGenerator<string> {
  for await (const line of splitLines(path, createReadStream(path))) yield (JSON.parse(line) as { text: string }).text;
}
