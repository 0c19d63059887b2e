/** Colours for standard output, where it is a terminal that may have some. @module */

const isColoured = () => Deno.stdout.isTerminal() && !Deno.noColor;

const coloured = (code: number) => (text: string): string =>
  isColoured() ? `\x1b[${code}m${text}\x1b[0m` : text;

/** What is right. */
export const green: (text: string) => string = coloured(32);
/** What is not yet. */
export const yellow: (text: string) => string = coloured(33);
/** What is to be seen first. */
export const bold: (text: string) => string = coloured(1);
