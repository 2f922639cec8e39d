// The map that answers, above a plot that Gradio has drawn. Gradio calls this with `element`, `props`, `server`.
// Everything is kept in the plot's own coordinates and placed again whenever plotly has drawn.

const NEAR = { mouse: 14, pen: 16, touch: 24 };  // pixels within which a mark is meant
const HOLD = 250;  // milliseconds after which a finger that rests does not scroll any more
const STEP = 24;  // pixels that an arrow key moves the cross
const MOST = 9;  // things said that have a pin
const MOST_ROWS = 60;  // of the list, which keeps those that have lost theirs
const BEAD = 450;  // milliseconds between two beads of a way
const OUTWARD = "M2 6V2h4m4 0h4v4m0 4v4h-4m-4 0H2v-4", INWARD = "M2 6h4V2m4 0v4h4m0 4h-4v4m-4 0v-4H2";  // four corners
const SVG = "http://www.w3.org/2000/svg";

const language = () => (document.documentElement.lang === "ru" ? "ru" : "en");
const word = (name, values = {}) =>
  (props.words[language()][name] ?? name).replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
const figure = (value) =>
  value.toLocaleString(language(), { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const make = (tag, name = "", text = "") => {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = text;
  return made;
};
const draw = (tag, attributes, within = lines) => {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return within.appendChild(made);
};

// What stands on the page: a layer above the plot, and below it a hint, what was said, and a voice for the blind.
const side = element.querySelector(".map-side");
const layer = element.appendChild(make("div", "map-layer"));
const lines = document.createElementNS(SVG, "svg");
const hint = make("div", "map-hint"), hintText = make("span"), clear = make("button"), whole = make("button", "map-whole");
const select = make("button", "map-select");
const betweenText = make("label"), between = make("select");  // how many sentences a way has between its ends
const list = make("ol", "map-list"), voice = make("div", "map-quiet");
clear.type = whole.type = select.type = "button";
clear.hidden = true;
for (let count = props.between[0]; count <= props.between[1]; count++) between.append(new Option(count));
between.value = 5;
betweenText.append("", between);
draw("path", {}, draw("svg", { viewBox: "0 0 16 16" }, whole));
hint.append(hintText, betweenText, select, clear, whole);
layer.tabIndex = 0;
layer.setAttribute("role", "application");
voice.setAttribute("aria-live", "polite");
side.append(hint, list, voice);

let plot = null;  // plotly's element
let said = [];  // {number, row, at, mark, ends, state, text, fidelity, lies, near, beads, stops, count}
let picture = "";  // which plane the said things belong to
let count = 0;
let cross = null;  // [x, y] of the keyboard's cross, in the plot's coordinates
let from = null;  // the mark where a way begins
let corner = null;  // [x, y] of the keyboard's frame, in the plot's coordinates
let selected = false;  // whether plotly shows some marks as selected
let toward = null;  // where the hand is on that way, in pixels

// The plot's coordinates and its marks

const axes = () => {
  const { xaxis, yaxis } = plot?._fullLayout ?? {};
  return xaxis?.d2p && plot.layout?.meta?.map && plot.isConnected ? [xaxis, yaxis] : null;
};
const pixel = ([x, y]) => {
  const [across, up] = axes();
  return [across._offset + across.d2p(x), up._offset + up.d2p(y)];
};
const place = ([left, top]) => {
  const [across, up] = axes();
  return [across.p2d(left - across._offset), up.p2d(top - up._offset)];
};
const inside = ([left, top]) => {
  const [across, up] = axes();
  return (
    left >= across._offset && left <= across._offset + across._length &&
    top >= up._offset && top <= up._offset + up._length
  );
};
const marks = function* () {
  for (const trace of plot.data ?? []) {
    if (!trace.customdata || trace.visible === "legendonly" || trace.visible === false) continue;
    for (let i = 0; i < trace.customdata.length; i++) {
      if (trace.customdata[i] >= 0) yield { mark: trace.customdata[i], at: [trace.x[i], trace.y[i]] };
    }
  }
};
const markAt = (point, reach) => {
  let best = null, least = reach;
  for (const one of marks()) {
    const [left, top] = pixel(one.at);
    const far = Math.hypot(left - point[0], top - point[1]);
    if (far <= least) [best, least] = [one, far];
  }
  return best;
};

// Questions: one in flight. The things that are to be said take turns, each with its newest question.

const waiting = new Map();  // by the thing: {question, show}
let flying = false;
const ask = async (one, question, show = (answer) => take(one, answer)) => {
  waiting.set(one, { question, show });
  if (flying) return;
  flying = true;
  try {
    while (waiting.size) {
      const [thing, { question, show }] = waiting.entries().next().value;
      waiting.delete(thing);
      if (said.includes(thing)) show(await answerTo(question));
    }
  } finally {
    flying = false;
  }
};
const answerTo = async (question) => {
  try {
    const answer = await server.speak({ map: plot.layout.meta.map, language: language(), ...question });
    return answer ?? { error: word("offline") };  // Gradio's client answers nothing where its question failed
  } catch {
    return { error: word("offline") };
  }
};

const begin = (thing) => {
  const one = { number: ++count, state: "waits", text: word("waits"), row: make("li"), ...thing };
  list.prepend(one.row);
  write(one);
  said.push(one);
  if (said.length > MOST) unpin(said.shift());
  if (list.children.length > MOST_ROWS) list.lastChild.remove();
  refresh();
  return one;
};
// What was said stays in the list, what was not yet does not.
const unpin = (one) => {
  if (one.state === "said") one.row.classList.add("map-past");
  else one.row.remove();
};
const take = (one, answer, rest = true) => {
  if (!said.includes(one)) return;
  const error = answer.error ?? (answer.text === "" ? word("nothing") : "");
  if (error) Object.assign(one, { state: "failed", text: error, lies: null, beads: null });
  else Object.assign(one, answer, { state: rest ? "said" : "quick" });
  if (rest) voice.textContent = told(one);
  if (rest && !error && one.mark === undefined) window.sentenceSpace.remember(one.beads?.map((bead) => bead.text) ?? [one.text]);
  write(one);
  refresh();
};
const told = (one) => {
  if (one.beads) return [word("way"), ...one.stops.map((stop) => stop.text)].join(". ");
  const near = (one.near ?? []).map((other) => `${other.text} ${figure(other.cosine)}`);
  const fidelity = one.mark === undefined && one.fidelity !== undefined ? `, ${word("fidelity")} ${figure(one.fidelity)}` : "";
  return [one.text + fidelity, ...(near.length ? [word("near"), ...near] : [])].join(". ");
};

const sayPlace = (at, quick, one = begin({ at })) => {
  one.at = at;
  ask(one, { place: at, quick }, (answer) => take(one, answer, !quick));
  return one;
};
const sayMark = (mark) => ask(begin({ at: mark.at, mark: mark.mark }), { mark: mark.mark });
const sayMarks = (chosen) => {
  const middle = [0, 1].map((axis) => chosen.reduce((sum, one) => sum + one.at[axis], 0) / chosen.length);
  ask(begin({ at: middle }), { marks: chosen.map((one) => one.mark) });
};
const sayWay = (ends, one = begin({ at: ends[0].at, ends })) => {
  const question = { way: ends.map((end) => end.mark), between: Number(between.value) };
  ask(one, question, (answer) => {
    take(one, answer.error ? answer : { ...answer, text: word("way"), shown: 0 });
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const next = () => {
      if (!said.includes(one) || one.beads !== answer.beads || one.shown >= one.beads.length) return;
      one.shown = still ? one.beads.length : one.shown + 1;
      refresh();
      setTimeout(next, BEAD);
    };
    if (one.beads) next();
  });
};
// Another number says the way anew that was said last.
between.addEventListener("change", () => {
  const last = said.at(-1);
  if (last?.ends) sayWay(last.ends, last);
});
const leavePlane = () => {
  said.forEach(unpin);
  said = [];
  selected = false;
  from = corner = cross = toward = null;
  refresh();
};
const forget = () => {
  said = [];
  list.replaceChildren();
  count = 0;
  from = corner = cross = toward = null;
  voice.textContent = "";
  if (selected && plot?.isConnected) {
    selected = false;
    window.Plotly.restyle(plot, { selectedpoints: [null] });
    window.Plotly.relayout(plot, { selections: [] });
  }
  refresh();
};

// Drawing

const line = (start, end, name = "") => {
  const [[x1, y1], [x2, y2]] = [start, end];
  return draw("line", { x1, y1, x2, y2, class: name });
};
const ring = ([cx, cy], r, name = "") => draw("circle", { cx, cy, r, class: name });
const put = (node, [left, top]) => {
  node.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
};

// A text beside its place, on the side where it covers least; the area it covers of what is `taken` by others here.
const beside = (node, [x, y], taken, labels) => {
  layer.append(node);
  const { offsetWidth: width, offsetHeight: height } = node, gap = 18;
  const most = [layer.clientWidth - width - 2, layer.clientHeight - height - 2];
  const fit = ([left, top]) => [Math.max(2, Math.min(left, most[0])), Math.max(2, Math.min(top, most[1]))];
  const sides = [
    [x + gap, y - height / 2], [x - gap - width, y - height / 2], [x - width / 2, y - gap - height], [x - width / 2, y + gap],
    [x + gap, y + gap], [x - gap - width, y + gap], [x + gap, y - gap - height], [x - gap - width, y - gap - height],
  ].map(fit);
  const covers = ([left, top], boxes) => boxes.reduce((sum, box) => {
    const across = Math.min(left + width, box[2]) - Math.max(left, box[0]);
    const down = Math.min(top + height, box[3]) - Math.max(top, box[1]);
    return sum + Math.max(across, 0) * Math.max(down, 0);
  }, 0);
  const all = [...taken, ...labels];
  const best = sides.reduce((one, other) => (covers(other, all) < covers(one, all) ? other : one));
  put(node, best);
  const covered = covers(best, taken);
  taken.push([best[0], best[1], best[0] + width, best[1] + height]);
  return covered;
};
// What plotly has written beside its marks.
const written = () => {
  const frame = plot.getBoundingClientRect();
  return [...plot.querySelectorAll(".textpoint text")].map((text) => {
    const box = text.getBoundingClientRect();
    return [box.left - frame.left, box.top - frame.top, box.right - frame.left, box.bottom - frame.top];
  });
};
const pin = (at, label, taken, kind = "map-pin") => {
  const node = layer.appendChild(make("div", kind, String(label)));
  const [x, y] = pixel(at);
  put(node, [x - node.offsetWidth / 2, y - node.offsetHeight / 2]);
  taken.push([x - 14, y - 14, x + 14, y + 14]);
};
const bubble = (at, text, fidelity, state, { taken, labels }, must) => {
  const node = make("div", `map-says map-${state}`, text);
  if (state === "failed") node.lang = language();
  else if (/[а-яё]/i.test(text)) node.lang = "ru";
  const note = node.appendChild(make("small", "", fidelity === undefined ? "" : figure(fidelity)));
  if (state === "said") {
    const menu = note.appendChild(window.sentenceSpace.more(text));
    if (!isWhole()) menu.tabIndex = -1;  // the list has it too
  }
  if (beside(node, pixel(at), taken, labels) > 0 && !must) {  // there is no room: the list below says it
    taken.pop();
    node.remove();
  }
};

const drawOne = (one, taken) => {
  if (one.mark !== undefined) {
    ring(pixel(one.at), 13);
    for (const other of one.near ?? []) line(pixel(one.at), pixel(other.at), "map-lies");
  }
  if (one.beads) {
    const path = [one.at, ...one.beads.slice(0, one.shown).map((bead) => bead.at)];
    if (one.shown === one.beads.length) path.push(one.ends[1].at);
    for (let i = 1; i < path.length; i++) line(pixel(path[i - 1]), pixel(path[i]));
    for (const bead of one.beads.slice(0, one.shown)) pin(bead.at, "", taken, "map-pin map-bead");
  } else if (one.ends) {
    line(pixel(one.at), pixel(one.ends[1].at), "map-lies");
  } else if (one.lies && one.mark === undefined) {
    line(pixel(one.at), pixel(one.lies), "map-lies");
    ring(pixel(one.lies), 6, "map-own");
  }
  if (one.mark === undefined && !one.ends) pin(one.at, one.number, taken);
};
const labelOne = (one, room, newest) => {
  if (one.beads) {  // the bead that is reached; on the whole screen, which has no list, all that say something else
    const beads = one.beads.slice(isWhole() ? 0 : Math.max(0, one.shown - 1), one.shown).toReversed();
    for (const [place, bead] of newest ? beads.entries() : []) {
      if (bead.text !== beads[place - 1]?.text) bubble(bead.at, bead.text, bead.fidelity, one.state, room, !place);
    }
  } else {
    bubble(one.at, one.text, one.mark === undefined ? one.fidelity : undefined, one.state, room, newest);
  }
};

// Whether this map lets marks be selected, as Average's does.
const selects = () => axes() !== null && !plot._context?.modeBarButtonsToRemove?.includes?.("lasso2d");
// The marks within the frame from the corner to the cross.
const framed = () => {
  const [[left, top], [right, bottom]] = [pixel(corner), pixel(cross)];
  const within = (value, one, other) => value >= Math.min(one, other) && value <= Math.max(one, other);
  return [...marks()].filter(({ at }) => {
    const [x, y] = pixel(at);
    return within(x, left, right) && within(y, top, bottom);
  });
};

const refresh = () => {
  find();
  const on = axes() !== null;
  hint.hidden = !plot;
  layer.hidden = list.hidden = betweenText.hidden = !on;
  clear.hidden = !on || (!list.children.length && !from && !corner && listens());
  clear.textContent = word(listens() ? "clear" : "speak");
  select.hidden = !on || !selects() || !listens();
  select.textContent = word("select");
  betweenText.firstChild.data = word("between");
  whole.title = whole.ariaLabel = word(isWhole() ? "part" : "whole");
  whole.firstChild.firstChild.setAttribute("d", isWhole() ? INWARD : OUTWARD);
  hintText.textContent = on ? word(!listens() ? "busy" : from ? "from" : corner ? "corner" : selects() ? "hint_select" : "hint") : "";
  layer.replaceChildren(lines);
  lines.replaceChildren();
  if (on) {
    const frame = plot.getBoundingClientRect(), whole = element.getBoundingClientRect();
    Object.assign(layer.style, {
      inset: "auto", left: `${frame.left - whole.left}px`, top: `${frame.top - whole.top}px`,
      width: `${frame.width}px`, height: `${frame.height}px`,
    });
    layer.setAttribute("aria-label", word(selects() ? "name_select" : "name", { plot: word("plot") }));
    const taken = [], labels = said.length ? written() : [], newest = said.at(-1);
    for (const one of said) drawOne(one, taken);
    for (const one of said.toReversed()) labelOne(one, { taken, labels }, one === newest);
    if (from) ring(pixel(from.at), 15);
    if (from && toward) line(pixel(from.at), toward);
    if (corner && cross) {
      const [[left, top], [right, bottom]] = [pixel(corner), pixel(cross)];
      draw("rect", {
        class: "map-frame", x: Math.min(left, right), y: Math.min(top, bottom),
        width: Math.abs(right - left), height: Math.abs(bottom - top),
      });
    }
    if (cross) {
      const [x, y] = pixel(cross);
      draw("path", { class: "map-cross", d: `M${x - 16} ${y}h12M${x + 4} ${y}h12M${x} ${y - 16}v12M${x} ${y + 4}v12` });
    }
  }
};

// What was said, below the map

// A line of the list: a sentence, a figure and the page's menu, see sentences.js.
const sentence = (tag, text, note = "", pieces = [[text, false]]) => {
  const made = make(tag, "map-line"), words = make("span"), quote = make("q");
  if (/[а-яё]/i.test(text)) quote.lang = "ru";
  for (const [part, changed] of pieces) quote.append(changed ? make("mark", "", part) : part);
  words.append(quote, make("small", "", note));
  made.append(words, window.sentenceSpace.more(text));
  return made;
};
const sentences = (name, lines) => {
  const made = make("ol");
  made.append(make("small", "", name), ...lines);
  return made;
};
const write = (one) => {
  const body = make("div");
  one.row.replaceChildren(make("span", "map-pin", one.number), body);
  if (one.state === "failed" || one.state === "waits") return body.append(make("small", "", one.text));
  if (one.beads) {
    const stops = one.stops.map((stop) => sentence("li", stop.text, figure(stop.fidelity), stop.pieces));
    return body.append(sentences(word("way"), stops));
  }
  if (one.count) body.append(make("small", "", word("average", { count: one.count })));
  body.append(sentence("div", one.text, one.mark === undefined ? `${word("fidelity")} ${figure(one.fidelity)}` : ""));
  if (one.near?.length) {
    body.append(sentences(word("near"), one.near.map((other) => sentence("li", other.text, figure(other.cosine)))));
  }
};

// The hand

let hand = null;  // {id, one or mark, start, reach, touch, held}
const point = (event) => {
  const frame = plot.getBoundingClientRect();
  return [event.clientX - frame.left, event.clientY - frame.top];
};
const listens = () => axes() !== null && plot._fullLayout.dragmode === false;

element.addEventListener("pointerdown", (event) => {
  find();
  if (event.button || !event.isPrimary || !listens()) return;
  if (!plot.contains(event.target) || event.target.closest(".modebar, .legend") || !inside(point(event))) return;
  if (hand) leave();
  const here = point(event), reach = NEAR[event.pointerType] ?? NEAR.mouse, mark = markAt(here, reach);
  cross = corner = null;
  hand = { id: event.pointerId, start: here, mark, reach, touch: event.pointerType === "touch", held: false };
  if (mark) from = mark;
  else if (!hand.touch) hand.one = sayPlace(place(here), true);
  else hand.timer = setTimeout(() => {
    if (hand) Object.assign(hand, { held: true, one: sayPlace(place(here), true) });
  }, HOLD);
  refresh();
}, true);
window.addEventListener("pointermove", (event) => {
  if (event.pointerId !== hand?.id || !axes()) return;
  const here = point(event);
  if (hand.mark) {
    toward = here;
    refresh();
  } else if (hand.one && inside(here)) sayPlace(place(here), true, hand.one);
});
// The hand goes up, or is taken away by the browser, which knows no place: what was said quickly is said carefully.
const leave = (here = null) => {
  const { one, mark, start, reach, timer } = hand;
  clearTimeout(timer);
  hand = from = toward = null;
  // Plotly takes it for a click where the hand came down, and tells of the mark there.
  setTimeout(() => axes() && window.Plotly.Fx.unhover(plot));
  if (one) sayPlace(here && inside(here) ? place(here) : one.at, false, one);
  else if (here) {
    const other = mark && markAt(here, reach), still = Math.hypot(here[0] - start[0], here[1] - start[1]) <= 8;
    if (other && other.mark !== mark.mark) sayWay([mark, other]);
    else if (still) mark ? sayMark(mark) : sayPlace(place(here), false);
  }
  refresh();
};
window.addEventListener("pointerup", (event) => {
  if (event.pointerId === hand?.id) leave(axes() && point(event));
});
window.addEventListener("pointercancel", (event) => {
  if (event.pointerId === hand?.id) leave();
});
// A finger that drags from a point, or rests, is ours; any other scrolls the page.
element.addEventListener("touchmove", (event) => {
  if (hand && (hand.mark || hand.held) && event.touches.length === 1 && event.cancelable) event.preventDefault();
}, { passive: false });

// The keyboard

const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
layer.addEventListener("keydown", (event) => {
  if (event.target !== layer || event.ctrlKey || event.metaKey || event.altKey || !axes()) return;
  const key = event.key, [across, up] = axes();
  const now = cross ? pixel(cross) : [across._offset + across._length / 2, up._offset + up._length / 2];
  if (key in steps) {
    const size = event.shiftKey ? 5 : STEP;
    const next = [now[0] + steps[key][0] * size, now[1] + steps[key][1] * size];
    if (inside(next)) cross = place(next);
  } else if (key === "Enter") {
    cross ??= place(now);
    const mark = markAt(now, NEAR.mouse);
    mark ? sayMark(mark) : sayPlace(cross, false);
  } else if (key === " ") {
    const mark = corner ? null : markAt(now, NEAR.touch);
    cross ??= place(now);
    if (corner) {
      const chosen = framed();
      corner = null;
      if (chosen.length) sayMarks(chosen);
      else voice.textContent = word("nothing");
    } else if (!mark && !from && selects()) {
      corner = cross;
      voice.textContent = word("corner");
    } else if (mark && from && mark.mark !== from.mark) {
      sayWay([from, mark]);
      from = null;
    } else if (mark) {
      from = mark;
      voice.textContent = word("from");
    }
  } else if (key === "Escape" && (list.children.length || from || corner || cross)) forget();
  else return;
  event.preventDefault();
  event.stopPropagation();
  refresh();
});
layer.addEventListener("focus", () => {
  if (!layer.matches(":focus-visible") || cross || !axes()) return;
  const [across, up] = axes();
  cross = place([across._offset + across._length / 2, up._offset + up._length / 2]);
  refresh();
});
const speakAgain = () => window.Plotly.relayout(plot, { dragmode: false });
clear.addEventListener("click", () => (listens() ? forget() : speakAgain()));
select.addEventListener("click", () => window.Plotly.relayout(plot, { dragmode: "select" }));

// The whole screen: the page's script gives the plot its height.
const isWhole = () => element.classList.contains("map-full");
const setWhole = (on) => {
  element.classList.toggle("map-full", on);
  window.dispatchEvent(new Event("resize"));
  refresh();
};
whole.addEventListener("click", () => setWhole(!isWhole()));
window.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && isWhole() && !event.defaultPrevented) setWhole(false);
});

// Plotly's element comes, goes and draws

const find = () => {
  const found = element.querySelector(".js-plotly-plot");
  if (found === plot || (found && !found.on)) return;
  plot = found;
  plot?.on("plotly_afterplot", drawn);
  plot?.on("plotly_selected", (event) => {
    const chosen = (event?.points ?? [])
      .filter((one) => one.customdata >= 0)
      .map((one) => ({ mark: one.customdata, at: [one.x, one.y] }));
    if (!chosen.length) return;
    selected = true;
    sayMarks(chosen);
    speakAgain();
  });
  plot?.on("plotly_relayout", refresh);
};
const drawn = () => {
  const now = axes() ? String(plot.layout.uirevision) : picture;
  if (now !== picture) {  // another plane: the pins belong to the last one
    picture = now;
    leavePlane();
  } else refresh();
};
let asleep = false;
new MutationObserver(() => {
  const before = plot;
  find();
  if (plot !== before || (plot && !plot.isConnected)) drawn();
}).observe(element.firstElementChild?.parentElement ?? element, { childList: true, subtree: true });
new ResizeObserver(() => {
  if (asleep) return;
  asleep = true;
  requestAnimationFrame(() => {
    asleep = false;
    refresh();
  });
}).observe(element);
new MutationObserver(() => {
  said.forEach(write);
  refresh();
}).observe(document.documentElement, { attributeFilter: ["lang"] });
drawn();
