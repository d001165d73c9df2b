// Says that the connection is gone, since when, and looks by itself whether it is back.
import { say } from './saying.js';
import { text } from './strings.js';
import { clock } from './times.js';

const CHECK_EVERY = 5_000;
const banner = document.querySelector('[data-offline]');
let since = null;
let timer = null;

export const isOffline = () => since !== null;

export function noteFailure() {
  if (since) return;
  since = new Date();
  if (banner) {
    banner.querySelector('b').textContent = text('offlineSince', { time: clock(since) });
    banner.hidden = false;
  }
  timer = setInterval(check, CHECK_EVERY);
}

export function noteSuccess() {
  if (!since) return;
  since = null;
  clearInterval(timer);
  if (banner) banner.hidden = true;
  say(text('online'));
  document.dispatchEvent(new CustomEvent('placet:online'));
}

async function check() {
  try {
    if ((await fetch('/healthz', { cache: 'no-store' })).ok) noteSuccess();
  } catch {
    // Still gone; the next look comes by itself.
  }
}

window.addEventListener('offline', noteFailure);
window.addEventListener('online', check);
banner?.querySelector('button')?.addEventListener('click', check);
