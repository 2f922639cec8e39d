// Plots: their letters and height are those of the screen; what a visitor turned or zoomed stays.

const LONG_LEGEND = 6;  // entries; a longer one takes a telephone's map the room of its marks
const LETTERS = { label: 22, small: 20 };  // pixels, where the page is looked at from far away
const LOWEST_MAP = 264;
const LOWEST_SCENE = 420;  // a lower one cuts off the names of its axes
const LOW = 340;  // a lower one has no room for the name of its upright axis
const UNDER_A_MAP = 44;  // its line of hints
const fromAfar = () => onStage() || innerWidth >= 1700;

// A map that fills the screen leaves room for its hint; one under an answer ends where the screen does.
const heightOf = (div, { height: own, scene }) => {
  const full = div.closest(".map-full"), lowest = scene ? LOWEST_SCENE : LOWEST_MAP;
  if (full) return innerHeight - UNDER_A_MAP;
  if (innerWidth <= 640 || !div.closest(onStage() ? "#algebra-result, #tab-style" : "#algebra-result")) return own;
  const top = div.getBoundingClientRect().top + scrollY;
  return Math.max(lowest, Math.min(1.4 * own, innerHeight - stageBar.offsetHeight - UNDER_A_MAP - top));
};
const inkOf = (div) => getComputedStyle(div).getPropertyValue("--body-text-color");  // `color` changes slowly
const lettered = (thing, font) => ({ ...thing, font: { ...thing?.font, ...font } });
const forScreen = (div, data, given) => {
  const layout = JSON.parse(JSON.stringify(given));  // plotly widens its ranges to the screen, of what it is given
  layout.height = Math.round(heightOf(div, given));
  if (layout.height < LOW && layout.yaxis) layout.yaxis.title = { text: "" };
  const ink = layout.scene ? { color: inkOf(div) } : {};  // no style reaches the letters of three dimensions
  const [label, small] = [LETTERS.label, LETTERS.small].map((size) => (fromAfar() ? { ...ink, size } : ink));
  for (const place of [layout, layout.scene ?? {}]) {
    for (const axis of ["xaxis", "yaxis", "zaxis"]) {
      if (place[axis]) place[axis].title = lettered(place[axis].title, small);
    }
  }
  if (fromAfar()) {
    layout.legend = lettered(layout.legend, small);
    layout.hoverlabel = lettered(layout.hoverlabel, { size: LETTERS.label });
    layout.margin = { ...layout.margin, l: layout.scene ? 0 : 44, b: layout.scene ? 0 : 44, t: layout.scene ? 80 : 48 };
  }
  const narrow = innerWidth <= 640;  // a telephone has its own sides for the labels, and a short legend
  // The opinions, which are numbered, are listed above their map with the same colours.
  const listed = data.filter((trace) => trace.showlegend).length;
  const unlisted = ({ name }) => narrow && listed > LONG_LEGEND && /\d/.test(name);
  const traces = data.map((trace) => ({
    ...trace,
    ...(unlisted(trace) ? { showlegend: false } : {}),
    ...(trace.textfont ? {
      textfont: { ...trace.textfont, ...label }, textposition: narrow ? trace.meta : trace.textposition,
    } : {}),
  }));
  return [traces, layout];
};

// Gradio draws a plot anew at every answer: its view stays while the plot's `uirevision` does.
const views = {};  // by the plot's id: what the visitor turned or zoomed, and in which picture
const asked = new WeakMap();  // what is drawn, by its element, as it was given
const fits = new WeakMap();  // the screen that it is drawn for
const screenOf = (div) =>
  [fromAfar(), div.offsetWidth, Math.round(heightOf(div, asked.get(div)[1])), inkOf(div)].join();
// A browser has few contexts of three dimensions: those of a picture that is gone are given back, when plotly,
// which goes on with it for a moment, has done.
const giveBack = (plotly, div) => {
  const canvases = all(".gl-container canvas", div);
  if (canvases.length) setTimeout(() => {
    plotly.purge(div);
    for (const one of canvases) one.getContext("webgl")?.getExtension("WEBGL_lose_context")?.loseContext();
  }, 2000);
};
const keep = (plotly) => {
  const react = plotly.react;
  const range = (div, axis) => JSON.stringify(div.layout[axis]?.range);
  plotly.react = async (div, data, layout, config) => {
    const name = div.closest("[id$='-plot']")?.id ?? "", listens = asked.has(div);
    const last = views[name];
    const stays = last?.revision !== undefined && last.revision === layout.uirevision;
    if (last && last.div !== div && !last.div.isConnected) giveBack(plotly, last.div);
    const view = views[name] = { div, revision: layout.uirevision, set: stays ? last.set : {} };
    asked.set(div, [data, layout, config]);
    fits.set(div, screenOf(div));
    const drawn = await react(div, ...forScreen(div, data, layout), config);
    for (const line of all(".no-webgl p", div)) line.textContent = say("page_no_webgl");
    view.home = { xaxis: range(div, "xaxis"), yaxis: range(div, "yaxis") };
    if (Object.keys(view.set).length) await plotly.relayout(div, { ...view.set });
    if (!listens) div.on("plotly_relayout", (moved) => {
      const { set, home } = views[name];
      if (moved["scene.camera"]) set["scene.camera"] = moved["scene.camera"];
      for (const axis of ["xaxis", "yaxis"]) {
        if (!Object.keys(moved).some((key) => key.startsWith(axis))) continue;
        delete set[axis + ".range"];
        if (range(div, axis) !== home?.[axis]) set[axis + ".range"] = div.layout[axis].range.slice();
      }
    });
    return drawn;
  };
  return plotly;
};
let plotly = window.Plotly && keep(window.Plotly);
Object.defineProperty(window, "Plotly", {
  configurable: true,
  get: () => plotly,
  set: (loaded) => { plotly = keep(loaded); },
});

// Another screen or theme, or a tab that was hidden when it changed.
let fitting = null;
const fitPlots = () => {
  clearTimeout(fitting);
  fitting = setTimeout(() => {
    for (const div of all(".js-plotly-plot")) {
      if (div.offsetWidth && asked.has(div) && fits.get(div) !== screenOf(div)) plotly.react(div, ...asked.get(div));
    }
  }, 120);
};
window.addEventListener("resize", fitPlots);
new MutationObserver(fitPlots).observe(document.body, { attributeFilter: ["class"] });
document.addEventListener("click", (event) => { if (event.target.closest?.("[role=tab]")) fitPlots(); });
