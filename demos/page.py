"""The page: a header with the choice of the pair, four tabs, a footer."""

from __future__ import annotations

import gradio as gr

from demos import algebra, api, average, style, translate
from demos.codec import CodecError, Codecs
from demos.i18n import error_text, language_of, say, t

_LOGO = """
<svg viewBox="0 0 48 48" width="48" height="48" aria-hidden="true" fill="none" stroke="currentColor"
 stroke-width="3" stroke-linecap="round" stroke-linejoin="round">
<path d="M6 6v36h36" opacity=".35"/><path d="M8 40 36 15"/><path d="M27 13l10 1 0 10"/>
<circle cx="18" cy="14" r="3" fill="currentColor" stroke="none"/>
<circle cx="33" cy="33" r="3" fill="currentColor" stroke="none"/></svg>
"""

# The page's own script: the language of the document, and dark or light kept from visit to visit.
SCRIPT = """
() => {
  document.documentElement.lang = navigator.language.startsWith("ru") ? "ru" : "en";
  const asked = new URLSearchParams(location.search).get("__theme");
  const kept = localStorage.getItem("sentence-space-theme");
  if (!asked && kept) document.body.classList.toggle("dark", kept === "dark");
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
    with gr.Blocks(title="Sentence Space", analytics_enabled=False, delete_cache=(3600, 86400)) as page:
        pair = gr.State(codecs.default)
        with gr.Row(elem_id="header", equal_height=True):
            with gr.Column(scale=5, min_width=300):
                gr.HTML(f'<div class="ss-logo">{_LOGO}</div>', elem_id="logo", padding=False)
                gr.Markdown(t("common_title"), elem_id="title")
                gr.Markdown(t("common_tagline"), elem_id="tagline")
            with gr.Column(scale=2, min_width=260):
                choice = gr.Dropdown(
                    [(codecs.title(name), name) for name in codecs.names],
                    value=codecs.default,
                    label=t("common_pair"),
                    info=t("common_pair_info"),
                    elem_id="pair",
                    filterable=False,
                )
                switch = gr.Button(t("common_switch_theme"), size="sm", elem_id="switch-theme")
        with gr.Tabs(elem_id="tabs"):
            for name, tab in (
                ("translate", translate),
                ("average", average),
                ("algebra", algebra),
                ("style", style),
            ):
                with gr.Tab(t(f"common_tab_{name}"), id=name, elem_id=f"tab-{name}"):
                    tab.build(codecs, pair)
        with gr.Accordion(t("common_about"), open=False, elem_id="about"):
            gr.Markdown(t("common_about_text"))
        api.build(codecs)

        def choose(name: str, current: str, request: gr.Request) -> tuple[str, str]:
            """Loads the pair; where that fails, the one before stays."""
            try:
                codecs.get(name)
            except CodecError as error:
                gr.Warning(error_text(error, language_of(request)))
                return current, current
            gr.Info(say("common_pair_ready", language_of(request), pair=codecs.title(name)))
            return name, name

        choice.input(
            choose,
            [choice, pair],
            [choice, pair],
            api_visibility="private",
            show_progress="full",
            concurrency_id="pairs",
        )
        switch.click(None, js=_SWITCH_THEME, api_visibility="private")
    return page
