// What can be taken back for some seconds: a line at the foot of the page that counts them.
import { askFragment, csrfToken, fragmentHeaders } from './asking.js';
import { element } from './dom.js';
import { say, warn } from './saying.js';
import { text } from './strings.js';

const shelf = document.getElementById('toasts');

// given: { item, text, seconds, undo }; `whenUndone` is called with the item's fragment.
export function offerUndo(given, whenUndone, whenOver = () => {}) {
  const left = element('span', { class: 'num' }, text('takesEffect', { n: Math.ceil(given.seconds) }));
  const button = element('button', { class: 'btn', type: 'button', 'data-undo': '' }, text('undo'), ' ', element('kbd', {}, 'z'));
  const toast = element('div', { class: 'toast', 'data-of': given.item }, element('span', {}, given.text), ' ', left, button);
  shelf.prepend(toast);
  say(`${given.text} ${text('takesEffect', { n: Math.ceil(given.seconds) })}`);
  const end = Date.now() + given.seconds * 1000;
  const timer = setInterval(() => {
    const seconds = Math.ceil((end - Date.now()) / 1000);
    if (seconds <= 0) finish(whenOver);
    else left.textContent = text('takesEffect', { n: seconds });
  }, 250);
  const finish = (then) => {
    clearInterval(timer);
    toast.remove();
    then();
  };
  toast.addEventListener('placet:undone', () => finish(() => {}));
  button.addEventListener('click', () => {
    finish(() => {});
    takeBack(given, whenUndone);
  });
}

// It was taken back elsewhere on the page: nothing is left to count down.
export function forgetUndo(item) {
  shelf.querySelectorAll('[data-of]').forEach((toast) => {
    if (toast.dataset.of === item) toast.dispatchEvent(new Event('placet:undone'));
  });
}

async function takeBack(given, whenUndone) {
  try {
    const headers = { ...fragmentHeaders(), 'X-CSRF-Token': csrfToken() };
    const answer = await fetch(given.undo, { method: 'POST', headers });
    const html = await answer.text();
    if (!answer.ok) throw new Error(String(answer.status));
    say(text('undone'));
    whenUndone(html);
  } catch {
    warn(text('notUndone'), text('inForce'));
    whenUndone(await askFragment(`/inbox/${given.item}`, 'detail').catch(() => ''));
  }
}
