// One diagram to look at: at about its natural size, so that it stays readable, the lit step in the middle.
//
// bpmn-js's navigated viewer would take the wheel away from the page; the scroller around us has wheel,
// touch and keyboard already.
import Viewer from 'bpmn-js/lib/Viewer';

import { addMarks } from './marks.js';
import { progress } from './progress.js';

const MARGIN = 24;
const SMALLEST = 0.85; // of the natural size: below, labels become hard to read
const ROOM_FOR_PILL = 34;
const ROOM_FOR_MARK = 16; // of bpmn.io, which must cover nothing that can be pressed
const COLOURS = { defaultFillColor: 'var(--card)', defaultStrokeColor: 'var(--ink)', defaultLabelColor: 'var(--ink)' };

const viewers = new WeakMap();

export async function show(host) {
  if (viewers.has(host)) return;
  const defaultStyle = { fontFamily: getComputedStyle(host).fontFamily };
  const viewer = new Viewer({ container: host, bpmnRenderer: COLOURS, textRenderer: { defaultStyle } });
  viewers.set(host, viewer);
  host.setAttribute('aria-busy', 'true');
  try {
    const drawing = await read(host.dataset.url);
    if (!isWanted(viewer, host)) return;
    await viewer.importXML(drawing);
    if (!isWanted(viewer, host)) return;
    hideFromReaders(host);
    fit(viewer, host);
    mark(viewer, host);
    addMarks(viewer, host);
    scrollToLit(viewer, host);
    viewer.get('eventBus').on('root.set', () => fit(viewer, host));
    host.dataset.ready = 'yes';
    host.dispatchEvent(new CustomEvent('diagram:drawn', { bubbles: true, detail: viewer }));
  } catch (error) {
    console.warn(`diagram ${host.dataset.url}: ${error.message}`);
    tellFailure(host);
  } finally {
    host.removeAttribute('aria-busy');
    if (!isWanted(viewer, host)) viewer.destroy();
  }
}

// A viewer that is destroyed while it imports would stumble over what it no longer has: it ends by itself.
export function forget(host) {
  const viewer = viewers.get(host);
  if (!viewer) return;
  viewers.delete(host);
  if (!host.hasAttribute('aria-busy')) viewer.destroy();
}

function isWanted(viewer, host) {
  return viewers.get(host) === viewer;
}

async function read(url) {
  // To look at, not to edit: names come in the reader's language.
  const response = await fetch(`${url}${url.includes('?') ? '&' : '?'}shown=1`);
  if (!response.ok) throw new Error(`answered ${response.status}`);
  return response.text();
}

function tellFailure(host) {
  forget(host);
  const said = document.createElement('p');
  said.className = 'dim';
  said.textContent = host.dataset.failed || 'The diagram could not be shown.';
  host.replaceChildren(said);
}

// The timeline beside a diagram says the same in words; a reader of the SVG would hear loose labels.
function hideFromReaders(host) {
  const svg = host.querySelector('.djs-container > svg');
  svg.setAttribute('aria-hidden', 'true');
  svg.removeAttribute('tabindex');
}

function fit(viewer, host) {
  const { left, top, right, bottom } = boundsOf(viewer);
  const above = MARGIN + (litIn(viewer, host).length ? ROOM_FOR_PILL : 0);
  const [width, height] = [right - left + 2 * MARGIN, bottom - top + MARGIN + ROOM_FOR_MARK + above];
  const scale = Math.max(SMALLEST, Math.min(1, host.parentElement.clientWidth / width));
  host.style.width = `${Math.ceil(width * scale)}px`;
  host.style.height = `${Math.ceil(height * scale)}px`;
  const canvas = viewer.get('canvas');
  canvas.resized();
  canvas.viewbox({ x: left - MARGIN, y: top - above, width, height });
}

// From the model and not from the SVG, which has no size while it is in a pane that is not shown. A collapsed
// subprocess has a plane of its own, which opens by its button.
function boundsOf(viewer) {
  const canvas = viewer.get('canvas');
  const shown = (element) => element.parent && canvas.findRoot(element) === canvas.getRootElement();
  const points = viewer.get('elementRegistry').filter(shown).flatMap(cornersOf);
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) };
}

function cornersOf({ waypoints, x, y, width, height }) {
  return waypoints ?? [{ x, y }, { x: x + width, y: y + height }];
}

function mark(viewer, host) {
  const canvas = viewer.get('canvas');
  const states = progress(viewer.get('elementRegistry'), litIn(viewer, host), list(host, 'passed'));
  for (const [id, state] of states) canvas.addMarker(id, `is-${state}`);
  const late = JSON.parse(host.dataset.late || '{}');
  for (const id of litIn(viewer, host)) addPill(viewer.get('overlays'), id, late[id], host.dataset.here);
}

function addPill(overlays, id, late, here) {
  const pill = document.createElement('span');
  pill.className = late ? 'pill late' : 'pill';
  pill.textContent = late || here;
  overlays.add(id, { position: { top: -34, left: 0 }, html: pill, show: { minZoom: 0 } });
}

function scrollToLit(viewer, host) {
  const scroller = host.parentElement;
  const [first] = litIn(viewer, host);
  if (!first) return;
  const { x, y, width, height } = viewer.get('elementRegistry').get(first);
  const { x: left, y: top, scale } = viewer.get('canvas').viewbox();
  // From the scroller and not from `offsetLeft`, which counts from whatever is positioned around it.
  const [around, drawn] = [scroller.getBoundingClientRect(), host.getBoundingClientRect()];
  const across = drawn.left - around.left - scroller.clientLeft + (x + width / 2 - left) * scale;
  const down = drawn.top - around.top - scroller.clientTop + (y + height / 2 - top) * scale;
  scroller.scrollLeft += across - scroller.clientWidth / 2;
  scroller.scrollTop += down - scroller.clientHeight / 2;
}

// The innermost steps: an open subprocess around a lit step would drown it.
function litIn(viewer, host) {
  const elements = list(host, 'tokens').map((id) => viewer.get('elementRegistry').get(id)).filter(Boolean);
  const around = new Set(elements.flatMap(ancestorsOf));
  return elements.filter((element) => !around.has(element)).map(({ id }) => id);
}

function ancestorsOf({ parent }) {
  return parent ? [parent, ...ancestorsOf(parent)] : [];
}

function list(host, name) {
  return JSON.parse(host.dataset[name] || '[]');
}
