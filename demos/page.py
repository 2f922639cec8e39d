"""The page: a header with the choice of the pair, four tabs, a footer."""

from __future__ import annotations

import gradio as gr

from demos import algebra, api, average, style, translate
from demos.codec import Codecs
from demos.i18n import t
from demos.pair_picker import build_picker

_LOGO = """
<svg viewBox="0 0 48 48" width="48" height="48" aria-hidden="true" fill="none" stroke="currentColor"
 stroke-width="3" stroke-linecap="round" stroke-linejoin="round">
<path d="M6 6v36h36" opacity=".35"/><path d="M8 40 36 15"/><path d="M27 13l10 1 0 10"/>
<circle cx="18" cy="14" r="3" fill="currentColor" stroke="none"/>
<circle cx="33" cy="33" r="3" fill="currentColor" stroke="none"/></svg>
"""

TABS = {"translate": translate, "average": average, "algebra": algebra, "style": style}

# The page's own script: the language of the document; dark or light as last time; copy buttons; numbers
# beside sliders, which Gradio refuses loudly out of their range; the view of a plot, which Gradio draws
# anew at every answer: it stays while the plot's `uirevision` does.
SCRIPT = """
() => {
  document.documentElement.lang = navigator.language.startsWith("ru") ? "ru" : "en";
  const asked = new URLSearchParams(location.search).get("__theme");
  const kept = localStorage.getItem("sentence-space-theme");
  if (!asked && kept) document.body.classList.toggle("dark", kept === "dark");
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {  // a page that is not served over https or from this machine
      const area = document.body.appendChild(document.createElement("textarea"));
      area.value = button.dataset.copy;
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    button.dataset.said = "✓ " + button.dataset.done;
    setTimeout(() => { delete button.dataset.said; }, 1200);
  });
  // A number typed beside a slider: beyond the range it becomes its end; an unfinished one waits.
  window.addEventListener("input", (event) => {
    const box = event.target;
    if (!box.matches?.("input[type=number][max]")) return;
    const value = box.valueAsNumber, low = Number(box.min), high = Number(box.max);
    if (value > high) box.value = high;
    else if (value < low && low < 0) box.value = low;
    else if (!(value >= low)) event.stopImmediatePropagation();
  }, true);
  document.addEventListener("focusout", (event) => {
    const box = event.target;
    if (!box.matches?.("input[type=number][max]") || box.value !== "") return;
    box.value = box.closest(".block")?.querySelector("input[type=range]")?.value ?? box.min;
  });
  // Gradio's dropdown opens its list again when the Tab key has left it: these keys are none of its business.
  window.addEventListener("keydown", (event) => {
    const passing = event.key === "Tab" || event.key === "Shift";
    if (passing && event.target.matches?.("input[role=combobox]")) event.stopPropagation();
  }, true);
  const views = {};  // by the plot's id: what the visitor turned or zoomed, and in which picture
  const keep = (plotly) => {
    const react = plotly.react;
    plotly.react = async (div, data, layout, config) => {
      const name = div.closest("[id$='-plot']")?.id ?? "";
      const last = views[name];
      const stays = last?.revision !== undefined && last.revision === layout.uirevision;
      const view = views[name] = { revision: layout.uirevision, set: stays ? last.set : {} };
      const drawn = await react(div, data, layout, config);
      const range = (axis) => JSON.stringify(div.layout[axis]?.range);
      const home = { xaxis: range("xaxis"), yaxis: range("yaxis") };
      if (Object.keys(view.set).length) await plotly.relayout(div, { ...view.set });
      div.on("plotly_relayout", (moved) => {
        if (moved["scene.camera"]) view.set["scene.camera"] = moved["scene.camera"];
        for (const axis of ["xaxis", "yaxis"]) {
          if (!Object.keys(moved).some((key) => key.startsWith(axis))) continue;
          delete view.set[axis + ".range"];
          if (range(axis) !== home[axis]) view.set[axis + ".range"] = div.layout[axis].range.slice();
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
}
"""
_SWITCH_THEME = """
() => {
  const dark = document.body.classList.toggle("dark");
  localStorage.setItem("sentence-space-theme", dark ? "dark" : "light");
}
"""


def build_page(codecs: Codecs) -> gr.Blocks:
    """All of the demo over a pool of codecs; the default pair should be loaded already."""
    page: gr.Blocks
    with gr.Blocks(title="Sentence Space", analytics_enabled=False, delete_cache=(3600, 86400)) as page:
        with gr.Row(elem_id="header"):
            gr.HTML(_LOGO, elem_id="logo", apply_default_css=False, min_width=56, scale=0)
            with gr.Column(scale=5, min_width=220, elem_id="names"):
                gr.Markdown(t("common_title"), elem_id="title")
                gr.Markdown(t("common_tagline"), elem_id="tagline")
            with gr.Column(scale=4, min_width=280, elem_id="choices"):
                pair = build_picker(codecs)
            switch = gr.Button(
                t("common_switch_theme"), size="sm", elem_id="switch-theme", scale=0, min_width=150
            )
        with gr.Tabs(elem_id="tabs", overflow_behavior="wrap"):
            for name, tab in TABS.items():
                with gr.Tab(t(f"common_tab_{name}"), id=name, elem_id=f"tab-{name}"):
                    tab.build(codecs, pair)
        with gr.Accordion(t("common_about"), open=False, elem_id="about"):
            gr.Markdown(t("common_about_text"))
        api.build(codecs)

        switch.click(None, js=_SWITCH_THEME, api_visibility="private")
    return page
