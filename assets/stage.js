// On stage: large letters, no help texts, keys, and the article's talk as a programme.

const STAGE_KEYS = ["tabs", "examples", "programme", "play", "hear", "full", "map", "undo", "qr", "keys"];
const onStage = () => document.body.classList.contains("stage");
const stageBar = document.createElement("section");
stageBar.id = "stage-bar";
stageBar.setAttribute("aria-label", say("page_programme"));
document.body.append(stageBar);

let stepNow = -1;  // the step of the programme, -1 where it is not on
const answersNow = () => all(SHOWN[tabNow()]).map((one) => one.textContent.trim());
const cell = (tag, text, name = "") => {
  const box = document.createElement(tag);
  box.textContent = text;
  if (name) box.className = name;
  return box;
};
const beside = cell("table", "", "stage-beside");  // the article's answers and those of now
const drawBar = () => {
  fitPlots();
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
  button(say("page_hear"), () => answersNow()[0] && space.hear(answersNow()[0]));
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
const drawAnswers = () => {
  const now = all(SHOWN[tabNow()]);
  for (const [place, row] of [...beside.rows].slice(1).entries()) {
    const text = now[place]?.textContent.trim() ?? "…", quoted = now[place]?.querySelector("q");  // a real sentence
    if (row.cells[1].textContent !== text) row.cells[1].replaceChildren(quoted?.cloneNode(true) ?? text);
  }
};
const goStep = async (number) => {
  if (number >= PROGRAMME.length) return;
  stepNow = Math.max(-1, number);
  drawBar();
  if (stepNow < 0) return;
  const { tab, press } = PROGRAMME[stepNow], here = stepNow;
  if (tabNow() !== tab) tabButton(tab).click();
  const ready = () => find(press.selector) && (!press.first || find(press.first));
  await until(ready);
  if (here !== stepNow) return;
  if (press.mode !== undefined) writeField("algebra-mode", press.mode);
  const target = await until(() => {
    const found = all(press.selector)[press.place ?? 0];
    return found?.offsetParent && found;
  }, 20000);
  if (here === stepNow) target?.click();
};
new MutationObserver(() => { if (onStage() && stepNow >= 0) drawSoon(); }).observe(find("#tabs") ?? document.body, {
  childList: true, characterData: true, subtree: true,
});
let drawing = null;
const drawSoon = () => { drawing ??= setTimeout(() => { drawing = null; drawAnswers(); }, 100); };

const setStage = (on) => {
  document.body.classList.toggle("stage", on);
  const address = new URL(location.href);
  if (on) address.searchParams.set("stage", "");
  else address.searchParams.delete("stage");
  history.replaceState(history.state, "", address);
  if (!on) stepNow = -1;
  drawBar();
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
const nextExample = (by) => {
  const shown = examplesNow();
  if (!shown.length) return;
  const last = shown.indexOf(find(".ss-shown"));
  const next = shown[last < 0 ? (by > 0 ? 0 : shown.length - 1) : (last + by + shown.length) % shown.length];
  for (const one of all(".ss-shown")) one.classList.remove("ss-shown");
  next.classList.add("ss-shown");
  next.click();
};
const KEYS = {
  ArrowRight: () => (stepNow >= 0 ? goStep(stepNow + 1) : nextExample(1)),
  ArrowLeft: () => (stepNow > 0 ? goStep(stepNow - 1) : stepNow < 0 && nextExample(-1)),
  PageDown: () => goStep(stepNow + 1),
  PageUp: () => stepNow > 0 && goStep(stepNow - 1),
  " ": play,
  KeyF: () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()),
  KeyM: () => all(".map-whole").find((one) => one.offsetParent)?.click(),
  KeyZ: undo,
  KeyP: () => goStep(stepNow < 0 ? 0 : -1),
  KeyS: () => answersNow()[0] && space.hear(answersNow()[0]),
  KeyQ: () => find("#do-qr").click(),
  "?": showKeys,
};
// What an element with the focus does with a key itself. Space presses a button that the keyboard has come to,
// not one that the mouse has pressed.
const OWN_KEYS = {
  all: "textarea, select, [contenteditable=true], input:not([type=range], [type=checkbox], [type=radio])",
  arrows: "input, [role=tab], [role=menuitem], .map-layer, dialog *, #ss-menu *",
  " ": "input[type=checkbox], input[type=radio]:not(:checked), .map-layer, dialog *, :is(button, summary, a):focus-visible",
};
document.addEventListener("keydown", (event) => {
  const here = event.target, takes = (kind) => here.matches?.(OWN_KEYS[kind]);
  if (!onStage() || event.ctrlKey || event.metaKey || event.altKey || takes("all")) return;
  if (event.key.startsWith("Arrow") ? takes("arrows") : event.key === " " && takes(" ")) return;
  const digit = /^Digit([1-4])$/.exec(event.code);
  const act = digit ? () => tabButton(TABS[digit[1] - 1]).click() : KEYS[event.key] ?? KEYS[event.code];
  if (!act) return;
  event.preventDefault();
  if (event.key === " ") here.blur?.();  // the key is still to go up
  act();
});

space.qr = () => {
  const link = space.link();
  return link.length > 2900 ? "" : link;
};
until(() => find("#qr")).then((place) => new MutationObserver(() => {
  const code = find("svg", place)?.cloneNode(true);
  if (code) dialog(say("page_qr"), (box) => box.append(code));
}).observe(place, { childList: true, subtree: true }));
pressed["do-qr"] = () => { if (!space.qr()) notice(say("page_link_long")); };

if (new URLSearchParams(location.search).has("stage")) setStage(true);
