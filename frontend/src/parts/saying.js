// What is said without taking the eye: one polite region for news, one for what failed of one's own.
import { element } from './dom.js';

export function say(words) {
  const region = document.getElementById('said');
  if (region) region.textContent = words;
}

export function warn(head, words = '') {
  const banner = element('div', { class: 'banner bad' }, element('b', {}, head), ' ', element('span', {}, words));
  document.getElementById('alerts')?.replaceChildren(banner);
}

// What failed for want of a connection, said until there is one again.
export function warnOffline(head, words) {
  warn(head, words);
  document.addEventListener('placet:online', forgetter(document.getElementById('alerts')?.firstChild), { once: true });
}

const forgetter = (banner) => () => banner?.remove();

export function calm() {
  document.getElementById('alerts')?.replaceChildren();
}
