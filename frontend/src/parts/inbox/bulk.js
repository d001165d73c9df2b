// Several approvals at once: chosen with x, asked for first, answered row by row.
import { askJson, RefusedError } from '../asking.js';
import { openDialog } from '../dialogs.js';
import { element } from '../dom.js';
import { onKey } from '../keys.js';
import { text } from '../strings.js';
import { currentId, linkOf, links, refresh } from './rows.js';

const list = document.querySelector('[data-list]');
const bar = document.querySelector('[data-bulk]');
const answers = document.querySelector('[data-bulk-answers]');
let last = null;

const boxes = () => [...list.querySelectorAll('input[type=checkbox]')];
const chosen = () => boxes().filter((box) => box.checked);
const approvals = () => chosen().filter((box) => box.dataset.form === 'approval');
const boxOf = (id) => linkOf(id)?.parentElement.querySelector('input');

function count() {
  const number = chosen().length;
  const able = approvals().length;
  bar.hidden = number === 0;
  bar.querySelector('[data-bulk-count]').textContent = text('selected', { n: number });
  const button = bar.querySelector('[data-bulk-approve]');
  button.hidden = able === 0;
  button.textContent = text('approveMany', { n: able });
  bar.querySelector('[data-bulk-not]').hidden = able === number;
}

function toggle(id, ranged) {
  const box = boxOf(id);
  if (!box) return;
  const all = boxes();
  if (ranged && last && all.includes(last)) {
    const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
    all.slice(from, to + 1).forEach((each) => { each.checked = true; });
  } else {
    box.checked = !box.checked;
  }
  last = box;
  count();
}

const focusedId = () => document.activeElement?.closest?.('li.row')?.querySelector('[data-row]').dataset.item ?? currentId();

async function approve() {
  const boxesNow = approvals();
  const refused = [];
  for (const box of boxesNow) { // one after the other: each is a decision of its own
    const title = linkOf(box.value)?.textContent ?? '';
    try {
      await askJson(`/api/v1/inbox/${box.value}/complete`, { method: 'POST', body: { result: { decision: 'approved' } } });
      box.checked = false;
    } catch (error) {
      const why = error instanceof RefusedError ? error.message : text('noConnection');
      refused.push(element('li', {}, element('b', {}, title), ' ', element('span', {}, why)));
    }
  }
  const said = text('approvedMany', { n: boxesNow.length - refused.length, all: boxesNow.length });
  answers.replaceChildren(element('p', {}, said), element('ul', { class: 'items' }, ...refused));
  answers.hidden = false;
  count();
  await refresh();
}

if (bar) {
  list.addEventListener('change', ({ target }) => {
    if (target.type === 'checkbox') {
      last = target;
      count();
    }
  });
  list.addEventListener('placet:shown', count);
  onKey('x', () => toggle(focusedId(), false));
  onKey('X', () => toggle(focusedId(), true));
  bar.querySelector('[data-bulk-clear]').addEventListener('click', () => {
    boxes().forEach((box) => { box.checked = false; });
    count();
  });
  bar.querySelector('[data-bulk-approve]').addEventListener('click', () => {
    const names = approvals().map((box) => element('li', {}, links().find((l) => l.dataset.item === box.value).textContent));
    document.querySelector('[data-bulk-names]').replaceChildren(...names);
    openDialog('bulk-approve');
  });
  document.querySelector('[data-bulk-go]').addEventListener('click', ({ target }) => {
    target.closest('dialog').close();
    approve();
  });
}
