// Why a file was not sent, for the user.

export const unreadable = 'This cannot be read. It is a folder, or it was moved or changed; choose it again.';

export const tooLarge = (file, maxBytes) => `${size(file.size)}; the limit is ${size(maxBytes)}.`;

/** Resolves to whether the browser can read the file: not a folder, and neither moved nor changed since it was chosen. */
export const isReadable = file => file.slice(0, 1).arrayBuffer().then(() => true, () => false);

/** Returns the reason for an answer other than 201. */
export function refusal({ status, answer, seconds }, file, maxBytes) {
  if (answer?.name === 'broken_file') return 'The server could not read this file: it did not arrive whole. Choose it again.';
  switch (status) {
    case 0: return 'The connection was lost.';
    case 413: return tooLarge(file, maxBytes);
    case 429: return `Too many at once; try again in ${seconds || 'a few'} seconds.`;
    case 507: return 'The server has no space left for files. Try again later; if it goes on, tell the people who run this site.';
  }
  if (status >= 500) return 'The server could not save it. Try again in a moment.';
  return answer?.error ?? 'The server did not accept it.';
}

/** Formats a number of bytes up to MiB as input.Bytes does: 188416 is "184 KiB". */
export function size(bytes) {
  if (bytes < 1024) return bytes === 1 ? '1 byte' : `${bytes} bytes`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KiB`;
  return `${(bytes / 1024 / 1024).toFixed(1).replace(/\.0$/, '')} MiB`;
}
