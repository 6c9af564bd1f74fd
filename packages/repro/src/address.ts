/** The address of a file relative to what names it: a path in which a space, `#`, `?` or `%` means itself. */
export function addressOf(path: string): string {
  return encodeURI(path).replace(/[?#]/g, encodeURIComponent);
}
