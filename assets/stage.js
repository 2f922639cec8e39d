// On stage: large letters, no help texts, keys, and the article's talk as a programme.

const STAGE_KEYS = ["tabs", "examples", "programme", "play", "hear", "full", "map", "undo", "qr", "keys"];
const onStage = () => document.body.classList.contains("stage");
const stageBar = document.createElement("section");
stageBar.id = "stage-bar";
stageBar.setAttribute("aria-label", say("page_programme"));
document.body.append(stageBar);

const STEP_KEPT = "sentence-space-step";
let stepNow = -1;  // the step of the programme, -1 where it is not on
const hearNow = () => {
  const [first, ...rest] = saidNow().map(wordsOf);
  if (first) space.hear(inJourney() ? [first, ...rest].join(". ") : first);
};
const cell = (tag, text, name = "") => {
  const box = document.createElement(tag);
  box.textContent = text;
  if (name) box.className = name;
  return box;
};
const beside = cell("table", "", "stage-beside");  // the article's answers and those of now
const drawBar = () => {
  fitPlots();
  document.body.classList.toggle("programme", stepNow >= 0);
  if (!onStage()) return stageBar.replaceChildren();
  const controls = cell("div", "", "stage-controls");
  const button = (name, act) => controls.append(item(name, act));
  if (stepNow < 0) button("▶ " + say("page_programme"), () => goStep(0));
  else {
    const { name } = PROGRAMME[stepNow];
    button("←", () => goStep(stepNow - 1));
    controls.append(cell("b", `${stepNow + 1}/${PROGRAMME.length} · ${say("page_step_" + name)}`));
    button("→", () => goStep(stepNow + 1));
    button("×", () => goStep(-1));
  }
  button(say("page_hear"), hearNow);
  button("QR", () => find("#do-qr").click());
  button("?", showKeys);
  button(say("page_leave_stage"), () => setStage(false));
  stageBar.replaceChildren(controls, beside);
  beside.replaceChildren();
  if (stepNow < 0) return;
  beside.insertRow().append(cell("th", say("page_article")), cell("th", say("page_now")));
  for (const text of PROGRAMME[stepNow].article) {
    const row = beside.insertRow();
    row.lang = "ru";
    row.append(cell("td", text), cell("td", "…"));
  }
  drawAnswers();
};
// A step's answer stands when it is its example's: the tab then shows what the article's models answered beside it.
// From then on the step shows what its tab shows.
let stepState = "stood";  // or "opening", "pressed"
const stepPlace = () => find(ANSWERED.split(", ")[TABS.indexOf(PROGRAMME[stepNow].tab)] + " .html-container");
const stands = () => {
  const place = stepPlace();
  if (!place || place.closest(".ss-old")) return false;
  const recorded = all(".ss-recorded:not(.ss-elsewhere) .ss-then", place);
  return recorded.some((one) => one.textContent.includes(PROGRAMME[stepNow].article[0]));
};
const drawAnswers = () => {
  if (!onStage() || stepNow < 0) return;
  if (stepState === "pressed" && stands()) stepState = "stood";
  const now = stepState === "stood" ? saidNow(PROGRAMME[stepNow].tab) : [];
  for (const [place, row] of [...beside.rows].slice(1).entries()) {
    const text = now[place] ? wordsOf(now[place]) : "…", quoted = now[place]?.querySelector("q");  // a real sentence
    if (row.cells[1].textContent !== text) row.cells[1].replaceChildren(quoted?.cloneNode(true) ?? text);
  }
};
const goStep = async (number) => {
  if (number >= PROGRAMME.length) return;
  stepNow = Math.max(-1, number);
  stored((storage) => storage.setItem(STEP_KEPT, stepNow), "sessionStorage");
  stepState = "opening";
  drawBar();
  if (stepNow < 0) return;
  scrollTo(0, 0);
  const { tab, press } = PROGRAMME[stepNow], here = stepNow;
  if (tabNow() !== tab) tabButton(tab).click();
  await until(() => find(press.selector));
  if (here !== stepNow) return;
  if (press.mode !== undefined) writeField("algebra-mode", press.mode);
  const target = await until(() => {
    const found = all(press.selector)[press.place ?? 0];
    return found?.offsetParent && found;
  }, 20000);
  if (here !== stepNow || !target) return;
  target.click();
  stepState = "pressed";
  drawAnswers();
};
new MutationObserver((records) => {
  const place = stepNow >= 0 && stepPlace();
  if (place && records.some(({ target }) => place.contains(target) || target.contains(place))) drawAnswers();
}).observe(find("#tabs") ?? document.body,
  { childList: true, characterData: true, subtree: true, attributes: true, attributeFilter: ["class"] });

const setStage = (on) => {
  document.body.classList.toggle("stage", on);
  const address = new URL(location.href);
  if (on) address.searchParams.set("stage", "");
  else address.searchParams.delete("stage");
  history.replaceState(history.state, "", address);
  if (!on) goStep(-1);
  else drawBar();
  window.dispatchEvent(new Event("resize"));
};
pressed["do-stage"] = () => setStage(!onStage());
NAMES["do-stage"] = "page_stage";

const showKeys = () => dialog(say("page_keys"), (box) => {
  const list = document.createElement("dl");
  for (const key of STAGE_KEYS) {
    const [keys, meaning] = say("page_key_" + key).split("|");
    list.append(cell("dt", keys), cell("dd", meaning));
  }
  box.append(list);
});

// Space moves the style slider from end to end, or goes the journey, a stop at a time.
let playing = null;
const wait = (milliseconds) => new Promise((go) => setTimeout(go, milliseconds));
const playSlider = async (goesOn) => {
  const axis = all("#style-axis input[type=radio]").find((one) => one.checked)?.value;
  const slider = find(`#style-slider-${axis} input[type=range]`), frames = 24;
  if (!slider) return;
  const low = Number(slider.min), high = Number(slider.max);
  for (let frame = 0; frame <= frames && goesOn(); frame += 1) {
    type(slider, String(low + ((high - low) * frame) / frames));
    await wait(220);
  }
};
const playJourney = async (goesOn) => {
  const stops = all("#algebra-answer .strip li"), plot = find("#algebra-plot .js-plotly-plot");
  const points = Number(/\d+$/.exec(find(".strip-strength", stops.at(-1) ?? document)?.textContent ?? "")?.[0]);
  for (const [place, stop] of stops.entries()) {
    if (!goesOn() || !stop.isConnected) return;
    for (const one of stops) one === stop ? one.setAttribute("aria-current", "true") : one.removeAttribute("aria-current");
    pointAt(plot, points + place);
    await wait(1100);
  }
  if (goesOn() && plot?._fullLayout?.xaxis?.d2p) plotly.Fx.unhover(plot);
};
// Shows the text of a mark as the hand does that rests on it; not in three dimensions.
const pointAt = (plot, mark) => {
  if (!plot?._fullLayout?.xaxis?.d2p) return;
  const curveNumber = plot.data.findIndex((trace) => trace.customdata?.includes(mark));
  if (curveNumber >= 0) plotly.Fx.hover(plot, [{ curveNumber, pointNumber: plot.data[curveNumber].customdata.indexOf(mark) }]);
};
const play = async () => {
  if (playing) return (playing = null);
  const mine = playing = {};
  const goesOn = () => playing === mine;
  if (tabNow() === "style") await playSlider(goesOn);
  else if (tabNow() === "algebra") await playJourney(goesOn);
  if (goesOn()) playing = null;
};
// The examples of the open tab, of Algebra those of what is open there.
const examplesNow = () => all(".ss-examples button, #style-examples button", find("#tab-" + tabNow()) ?? document)
  .filter((one) => one.offsetParent && !/-(csv|json|html|xlsx|sentences)$/.test(one.id));
// The place of the example on the screen, by tab and mode; each opens with its first.
const examplePlaces = {};
const exampleKey = () => tabNow() + (tabNow() === "algebra" ? readField("algebra-mode") : "");
document.addEventListener("click", (event) => {
  const place = examplesNow().indexOf(event.target.closest?.("button"));
  if (place >= 0) examplePlaces[exampleKey()] = place;
}, true);
const nextExample = (by) => {
  const shown = examplesNow();
  if (shown.length) shown[((examplePlaces[exampleKey()] ?? 0) + by + shown.length) % shown.length].click();
};
const KEYS = {
  ArrowRight: () => (stepNow >= 0 ? goStep(stepNow + 1) : nextExample(1)),
  ArrowLeft: () => (stepNow > 0 ? goStep(stepNow - 1) : stepNow < 0 && nextExample(-1)),
  PageDown: () => goStep(stepNow + 1),
  PageUp: () => stepNow > 0 && goStep(stepNow - 1),
  " ": play,
  f: () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()),
  m: () => all(".map-whole").find((one) => one.offsetParent)?.click(),
  z: undo,
  p: () => goStep(stepNow < 0 ? 0 : -1),
  s: hearNow,
  q: () => find("#do-qr").click(),
  "?": showKeys,
  ...Object.fromEntries(TABS.map((tab, place) => [place + 1, () => tabButton(tab).click()])),
};
// A key by its letter, and by its place where the layout has other letters.
const keyOf = ({ key, code }) => {
  if (/^Digit[1-4]$/.test(code)) return code.slice(-1);
  return /^[a-z]$/i.test(key) || !/^\p{L}$/u.test(key) ? key.toLowerCase() : code.replace("Key", "").toLowerCase();
};
// What an element with the focus does with a key itself, and what only one does that the keyboard has come to:
// the element that the mouse has pressed leaves its keys to the stage. (:focus-visible is on before a key is heard.)
const OWN_KEYS = {
  all: "textarea, select, [contenteditable=true], input:not([type=range], [type=checkbox], [type=radio])",
  arrows: ".map-layer, dialog *, #ss-menu *",
  " ": "input[type=checkbox], input[type=radio]:not(:checked), .map-layer, dialog *",
};
const REACHED_KEYS = { arrows: "input, [role=tab]", " ": "button, summary, a" };
let mousePressed = null;  // the element with the focus, where the mouse gave it
document.addEventListener("focusin", () => { mousePressed = null; });
document.addEventListener("click", (event) => {
  if (!event.detail) return;  // the keyboard's, or a script's
  mousePressed = document.activeElement;
  setTimeout(() => { mousePressed = document.activeElement; });  // a label gives the focus on
}, true);
document.addEventListener("keydown", (event) => {
  const here = event.target, arrow = event.key.startsWith("Arrow"), reached = here !== mousePressed;
  const takes = (kind) => here.matches?.(OWN_KEYS[kind]) || (reached && here.matches?.(REACHED_KEYS[kind] ?? "nothing"));
  if (!onStage() || event.ctrlKey || event.metaKey || event.altKey || takes("all")) return;
  if (arrow ? takes("arrows") : event.key === " " && takes(" ")) return;
  const act = KEYS[arrow || event.key.startsWith("Page") ? event.key : keyOf(event)];
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();  // nor does the element that the mouse has pressed listen
  if (event.key === " " || here.matches?.("input, [role=tab]")) here.blur();  // the space key is still to go up
  if (!event.repeat) act();
}, true);

// The code of this screen's link, which the server draws: once for each link.
const LONGEST_CODE = 2900;  // characters
const code = { link: "", svg: null, wanted: false };
space.qr = () => (space.link().length > LONGEST_CODE ? "" : space.link());
const showCode = () => code.wanted && code.svg && dialog(say("page_qr"), (box) => {
  code.wanted = false;
  box.append(code.svg.cloneNode(true));
  const here = /^(localhost|127\.|\[::1\])/.test(location.hostname) && say("page_qr_here");
  for (const line of [here, leftOut()]) if (line) box.append(cell("p", line));
});
until(() => find("#qr")).then((place) => new MutationObserver(() => {
  code.svg = find("svg", place);
  showCode();
}).observe(place, { childList: true, subtree: true }));
pressed["do-qr"] = () => {
  const link = space.qr();
  if (!link) return notice(say("page_qr_long"));
  code.wanted = true;
  if (link === code.link) showCode();  // the code that comes may be no other one
  code.link = link;
};

if (new URLSearchParams(location.search).has("stage")) {
  const kept = Number(stored((storage) => storage.getItem(STEP_KEPT), "sessionStorage") ?? -1);
  if (PROGRAMME[kept]) stepNow = kept;
  setStage(true);
}
