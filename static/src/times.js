// The server writes times in the time zone of the desk and names it in the footer.
// They are shown in the reader's own instead, in the same words.
import { timeOfDay } from './dom.js';

const month = new Intl.DateTimeFormat('en-US', { month: 'short' });
const full = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

function day(at, words) {
  const now = new Date();
  const ago = Math.round((new Date(now).setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 864e5);
  const near = ['today', 'yesterday'][ago];
  if (near) return /^[A-Z]/.test(words) ? near[0].toUpperCase() + near.slice(1) : near;
  const year = /\d{4}/.test(words) || at.getFullYear() !== now.getFullYear();
  return `${at.getDate()} ${month.format(at)}${year ? ` ${at.getFullYear()}` : ''}`;
}

// Rewrites the times below a node. What is relative ("2 hours ago") stays.
function localTimes(root) {
  for (const element of root.querySelectorAll('time[datetime*=T]')) {
    const [at, words] = [new Date(element.dateTime), element.textContent.trim()];
    element.title = full.format(at);
    if (/ago|now/.test(words)) continue;
    const hour = words.includes(':');
    element.textContent = [...(hour && words.length < 6 ? [] : [day(at, words)]), ...(hour ? [timeOfDay(at)] : [])].join(', ');
  }
}

document.addEventListener('htmx:before:swap', ({ detail }) => {
  for (const { fragment } of detail.tasks) if (fragment?.querySelectorAll) localTimes(fragment);
});
addEventListener('DOMContentLoaded', () => {
  localTimes(document);
  const zone = document.getElementById('zone');
  if (zone) zone.textContent = `Times are in ${Intl.DateTimeFormat().resolvedOptions().timeZone.replaceAll('_', ' ')}.`;
});
