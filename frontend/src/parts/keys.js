// Single letters act only where no field has the focus, and not at all for those who switched them off.
import { inField } from './dom.js';
import { openDialog } from './dialogs.js';

const PLACES = { i: '/inbox', o: '/orders', n: '/needs', p: '/processes' };
const GO_WITHIN = 1_500;
const actions = new Map();
let goUntil = 0;

// A page adds its own: onKey('j', () => next()).
export function onKey(key, action) {
  actions.set(key, action);
}

const lettersOn = () => document.body.dataset.keys !== 'off';

document.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
    event.preventDefault();
    openDialog('palette');
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || inField(event.target)) return;
  if (document.querySelector('dialog[open], [popover]:popover-open')) return;
  if (lettersOn() && perform(event.key)) event.preventDefault();
});

function perform(key) {
  if (Date.now() < goUntil && PLACES[key]) {
    location.assign(PLACES[key]);
    return true;
  }
  goUntil = key === 'g' ? Date.now() + GO_WITHIN : 0;
  if (key === 'g') return true;
  if (actions.has(key)) {
    actions.get(key)();
    return true;
  }
  return pressButton(key);
}

function pressButton(key) {
  const found = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((each) => each.checkVisibility());
  if (!found || found.disabled) return false;
  if (inField(found)) found.focus();
  else found.click();
  return true;
}

onKey('?', () => openDialog('keys-help'));
onKey('/', () => document.querySelector('[data-search]')?.focus());
onKey('z', () => (document.querySelector('#toasts [data-undo]') ?? document.querySelector('[data-undo]'))?.click());
