// What the table on the screen would have decided of the last orders, said before it is published.
import { encode, send } from './server.js';
import { say } from './words.js';

const SHOWN = 20;

export async function replay(host, url, content) {
  host.hidden = false;
  host.replaceChildren(paragraph(say('replaying')));
  try {
    const { decided, changed } = await send('POST', url, { content: encode(content) });
    host.replaceChildren(...told(decided, changed));
  } catch (error) {
    host.replaceChildren(paragraph(error.lines ? error.lines.join('; ') : say('no_connection')));
  }
}

function told(decided, changed) {
  if (!decided) return [paragraph(say('replay_nothing'))];
  if (!changed.length) return [paragraph(say('replay_same', { n: decided }))];
  const list = document.createElement('ul');
  list.className = 'items';
  list.append(...changed.slice(0, SHOWN).map(line));
  const parts = [paragraph(say('replay_changed', { n: decided, changed: changed.length })), list];
  if (changed.length > SHOWN) parts.push(paragraph(say('replay_more', { n: changed.length - SHOWN })));
  return parts;
}

function line({ subject_id: order, number, title, before, after }) {
  const item = document.createElement('li');
  const name = document.createElement(order ? 'a' : 'span');
  if (order) {
    name.href = `/orders/${order}`;
    name.target = '_blank';
  }
  name.textContent = number;
  const change = document.createElement('div');
  change.append(`${title}: `, mark('del', before), ' ', mark('ins', after));
  item.append(name, change);
  return item;
}

function mark(tag, values) {
  const made = document.createElement(tag);
  made.textContent = values.length ? values.join(', ') : say('nobody');
  return made;
}

function paragraph(text) {
  const made = document.createElement('p');
  made.textContent = text;
  return made;
}
