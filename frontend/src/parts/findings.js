// What a check found, in words, each with a way to the element that it is about.
import { say } from './words.js';

const WORST_FIRST = ['error', 'warning', 'information'];
const LOOKS = { error: 'bad', warning: 'warn', information: '' };

export function findingsIn(list, findings, { choose, nameOf, root }) {
  if (!findings.length) {
    list.replaceChildren(row('good', say('fine'), document.createTextNode(say('nothing_found'))));
    return;
  }
  const sorted = [...findings].sort((one, other) => WORST_FIRST.indexOf(one.severity) - WORST_FIRST.indexOf(other.severity));
  list.replaceChildren(...sorted.map((finding) => {
    const text = document.createElement('div');
    text.append(place(finding, { choose, nameOf, root }), `: ${finding.message}`);
    return row(LOOKS[finding.severity], say(finding.severity), text);
  }));
}

function place(finding, { choose, nameOf, root }) {
  if (finding.file !== root.dataset.name) return document.createTextNode(`${finding.file}, ${finding.element}`);
  const name = nameOf(finding.element);
  if (name === null) return document.createTextNode(finding.element);
  const link = document.createElement('button');
  link.type = 'button';
  link.className = 'link';
  link.dataset.element = finding.element;
  link.textContent = name;
  link.addEventListener('click', () => choose(finding.element));
  return link;
}

function row(kind, label, text) {
  const item = document.createElement('li');
  const tag = document.createElement('span');
  tag.className = `tag ${kind}`;
  tag.textContent = label;
  item.append(tag, text);
  return item;
}
