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

export function calm() {
  document.getElementById('alerts')?.replaceChildren();
}
