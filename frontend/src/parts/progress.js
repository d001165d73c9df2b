// What was passed, what is lit, what can no longer come: from the tokens, over the drawing.
//
// A step that no token can reach any more was not taken, and is drawn as such.

export function progress(registry, tokens, passed) {
  const states = new Map();
  if (!tokens.length && !passed.length) return states;
  const lit = new Set(tokens);
  const done = new Set(passed);
  const ahead = reachable(registry, tokens);
  for (const element of drawn(registry)) {
    const state = element.waypoints ? flowState(element, lit, done, ahead) : stepState(element, lit, done, ahead);
    if (state) states.set(element.id, state);
  }
  return states;
}

function stepState({ id }, lit, done, ahead) {
  if (lit.has(id)) return 'lit';
  if (done.has(id)) return 'passed';
  return ahead.has(id) ? null : 'not-taken';
}

function flowState({ source, target }, lit, done, ahead) {
  if (done.has(source.id) && (done.has(target.id) || lit.has(target.id))) return 'passed';
  return lit.has(source.id) || ahead.has(source.id) ? null : 'not-taken';
}

// Flow nodes and their flows: a pool, a lane or a note is neither passed nor left out.
function drawn(registry) {
  return registry.filter(({ labelTarget, businessObject: what }) =>
    !labelTarget && (what?.$instanceOf?.('bpmn:FlowNode') || what?.$instanceOf?.('bpmn:SequenceFlow')));
}

function reachable(registry, from) {
  const found = new Set();
  const open = from.map((id) => registry.get(id)).filter(Boolean);
  while (open.length) {
    const element = open.pop();
    if (found.has(element.id)) continue;
    found.add(element.id);
    for (const next of nextOf(element)) open.push(next);
  }
  return found;
}

function nextOf(element) {
  const outer = element.parent?.businessObject?.$instanceOf?.('bpmn:SubProcess') ? [element.parent] : [];
  const inner = element.businessObject.$instanceOf('bpmn:SubProcess') ? element.children : [];
  const targets = (element.outgoing || []).map(({ target }) => target);
  return [...targets, ...(element.attachers || []), ...outer, ...inner.filter((child) => !child.waypoints)];
}
