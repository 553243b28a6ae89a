// Small helpers. Text always travels as text nodes, never as markup.

/** Makes an element: attributes first, then children (elements or strings). */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** An icon of the sprite; its hashed address is read from the icons already on the page. */
export function icon(name) {
  const sprite = document.querySelector('use')?.getAttribute('href')?.split('#')[0] ?? '';
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  use.setAttribute('href', `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

/** Bytes in words: 188416 is "184 KiB". The same rounding as views.Bytes. */
export function size(bytes) {
  if (bytes < 1024) return bytes === 1 ? '1 byte' : `${bytes} bytes`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KiB`;
  return `${(bytes / 1024 / 1024).toFixed(1).replace(/\.0$/, '')} MiB`;
}

/** The number of the account whose page this is. Somebody else may have signed in since. */
export const user = () => document.querySelector('.menu')?.dataset.user ?? '';

/** A name for what this tab keeps for whoever is signed in; signing out drops it all. */
export const mine = name => `draft:${user()}:${name}`;

/** The time of day, in the reader's zone. */
export const timeOfDay = at => at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });

/** The same as an element. */
export const clock = at => make('time', { datetime: at.toISOString() }, timeOfDay(at));

/** Moves the focus to an element, also to one that people cannot tab to. */
export function go(element) {
  if (!element.matches('a, button, input, select, textarea, [tabindex]')) element.setAttribute('tabindex', '-1');
  element.focus();
}
