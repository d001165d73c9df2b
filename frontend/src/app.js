// What every page has: fragments, dialogs, menus, the palette, keys, news, and the word about the connection.
import './parts/fragments.js';
import './parts/connection.js';
import './parts/dialogs.js';
import './parts/menus.js';
import './parts/palette.js';
import './parts/keys.js';
import './parts/filters.js';
import './parts/live.js';
import { localise } from './parts/times.js';

localise();
document.addEventListener('htmx:load', ({ detail }) => localise(detail.elt));
document.documentElement.dataset.ready = '';

// What was kept on this device for want of a connection belongs to whoever was signed in.
document.getElementById('sign-out')?.addEventListener('submit', () => {
  Object.keys(localStorage).filter((key) => key.startsWith('placet.')).forEach((key) => localStorage.removeItem(key));
});
