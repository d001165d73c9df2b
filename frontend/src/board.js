// The board: a card goes to another stage by pointer or by keys; the server says whether the diagram lets it.
import { say, warn } from './parts/saying.js';
import { send } from './parts/server.js';

const board = document.querySelector('[data-board]');
const words = JSON.parse(document.getElementById('board-words').textContent);
const closing = JSON.parse(document.getElementById('board-closing').textContent);
const lanes = [...board.querySelectorAll('[data-stage]')];
let held = null; // the card under way, by either way
let at = 0; // the lane that keys have chosen

const told = (word, values = {}) => words[word].replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
const laneOf = (element) => element.closest?.('[data-stage]');
const movesOf = (card) => card.dataset.moves.split('|');
const mayGo = (lane) => Boolean(held && lane && movesOf(held).includes(lane.dataset.stage));

function mark(lane) {
  for (const each of lanes) each.toggleAttribute('data-over', each === lane && mayGo(lane));
}

function letGo() {
  held?.querySelector('[data-grab]')?.setAttribute('aria-pressed', 'false');
  held = null;
  mark(null);
}

async function drop(card, lane) {
  const stage = lane.dataset.stage;
  // An end asks for a reason, or for the customer who orders: that is said on the need's own page.
  if (closing.includes(stage)) return window.location.assign(`/needs/${card.dataset.need}`);
  try {
    await send('POST', `/api/v1/needs/${card.dataset.need}/status`, { status: stage });
    say(told('moved', { stage: lane.dataset.name }));
    window.location.reload();
  } catch (error) {
    warn(told('failed'), error.lines ? error.lines.join(' ') : '');
  }
  return undefined;
}

board.addEventListener('dragstart', (event) => {
  held = event.target.closest('[data-need]');
  event.dataTransfer?.setData('text/plain', held?.dataset.need ?? '');
});
board.addEventListener('dragover', (event) => {
  const lane = laneOf(event.target);
  mark(lane);
  if (mayGo(lane)) event.preventDefault();
});
board.addEventListener('drop', (event) => {
  const lane = laneOf(event.target);
  if (!mayGo(lane)) return;
  event.preventDefault();
  const card = held;
  letGo();
  drop(card, lane);
});
board.addEventListener('dragend', letGo);

function take(button) {
  held = button.closest('[data-need]');
  at = lanes.indexOf(laneOf(held));
  button.setAttribute('aria-pressed', 'true');
  say(told('taken', { need: button.querySelector('.vh').textContent.trim() }));
}

function step(by) {
  at = Math.min(Math.max(at + by, 0), lanes.length - 1);
  mark(lanes[at]);
  const stage = lanes[at].dataset.name;
  say(told(mayGo(lanes[at]) || lanes[at] === laneOf(held) ? 'over' : 'cannot', { stage }));
}

board.addEventListener('click', (event) => {
  const button = event.target.closest('[data-grab]');
  if (button && !held) take(button);
});
board.addEventListener('keydown', (event) => {
  if (!held) return;
  const keys = {
    ArrowRight: () => step(1),
    ArrowLeft: () => step(-1),
    Escape: () => { letGo(); say(told('left')); },
    Enter: () => {
      const card = held;
      const lane = lanes[at];
      const may = mayGo(lane);
      letGo();
      if (may) drop(card, lane);
      else say(told('left'));
    },
  };
  if (!(event.key in keys)) return;
  event.preventDefault();
  event.stopPropagation();
  keys[event.key]();
});
