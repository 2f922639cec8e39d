"""The look of the page: paper and ink by day, night blue by night; fonts of the visitor's own system."""

from __future__ import annotations

from pathlib import Path

import gradio as gr
from gradio.themes.utils import colors, sizes

STYLE = Path(__file__).resolve().parents[2] / "assets" / "style.css"

_SANS = ("-apple-system", "Segoe UI", "Roboto", "Noto Sans", "Liberation Sans", "Arial", "sans-serif")
_MONO = ("ui-monospace", "Cascadia Mono", "Menlo", "Liberation Mono", "monospace")

_TEAL = colors.Color(
    name="spruce",
    c50="#eef7f6",
    c100="#d5ebe8",
    c200="#acd8d2",
    c300="#7fc6bd",
    c400="#4fa79d",
    c500="#2c877e",
    c600="#176b66",
    c700="#105651",
    c800="#0e4441",
    c900="#0c3735",
    c950="#062322",
)
_INK = colors.Color(
    name="ink",
    c50="#fbfaf6",
    c100="#f3f0e9",
    c200="#e3dfd4",
    c300="#cbc6b8",
    c400="#9a978d",
    c500="#66676b",
    c600="#474b55",
    c700="#30374a",
    c800="#1c2436",
    c900="#141b2b",
    c950="#0d1320",
)
_TEXT = sizes.Size(
    name="text_stage", xxs="12px", xs="13px", sm="15px", md="17px", lg="20px", xl="24px", xxl="30px"
)


def theme() -> gr.themes.Base:
    """Gradio's base theme with the demo's colours, sizes and fonts; nothing is fetched from anywhere."""
    base = gr.themes.Base(
        primary_hue=_TEAL,
        secondary_hue=_TEAL,
        neutral_hue=_INK,
        text_size=_TEXT,
        spacing_size=sizes.spacing_md,
        radius_size=sizes.radius_md,
        font=_SANS,
        font_mono=_MONO,
    )
    return base.set(
        body_background_fill="*neutral_50",
        body_background_fill_dark="*neutral_950",
        body_text_color="*neutral_800",
        body_text_color_dark="#e9e7e0",
        body_text_color_subdued="*neutral_500",
        body_text_color_subdued_dark="#a9adb8",
        background_fill_primary="#ffffff",
        background_fill_primary_dark="*neutral_900",
        background_fill_secondary="*neutral_100",
        background_fill_secondary_dark="*neutral_800",
        block_background_fill="#ffffff",
        block_background_fill_dark="*neutral_900",
        block_border_color="*neutral_200",
        block_border_color_dark="*neutral_700",
        block_border_width="1px",
        block_label_background_fill="transparent",
        block_label_background_fill_dark="transparent",
        block_label_border_width="0px",
        block_label_text_color="*neutral_600",
        block_label_text_color_dark="#c3c6cf",
        block_title_text_color="*neutral_600",
        block_title_text_color_dark="#c3c6cf",
        block_title_text_weight="600",
        block_shadow="none",
        border_color_primary="*neutral_200",
        border_color_primary_dark="*neutral_700",
        input_background_fill="#ffffff",
        input_background_fill_dark="*neutral_950",
        input_border_color="#8c887c",
        input_border_color_dark="#66718f",
        input_border_color_focus="*primary_600",
        input_border_color_focus_dark="*primary_300",
        input_border_width="1px",
        input_placeholder_color="#737376",
        input_placeholder_color_dark="#8f95a5",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
        button_primary_background_fill_dark="*primary_300",
        button_primary_background_fill_hover_dark="*primary_200",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="*neutral_950",
        button_secondary_background_fill="*neutral_100",
        button_secondary_background_fill_hover="*neutral_200",
        button_secondary_background_fill_dark="*neutral_800",
        button_secondary_background_fill_hover_dark="*neutral_700",
        button_secondary_text_color="*neutral_800",
        button_secondary_text_color_dark="#e9e7e0",
        button_large_text_weight="600",
        slider_color="*primary_600",
        slider_color_dark="*primary_300",
        checkbox_background_color_selected="*primary_600",
        checkbox_background_color_selected_dark="*primary_400",
        checkbox_border_color="#8c887c",
        checkbox_border_color_dark="#66718f",
        checkbox_border_color_hover="#6f6b60",
        checkbox_border_color_hover_dark="#8790ab",
        checkbox_border_color_selected="*primary_600",
        checkbox_border_color_selected_dark="*primary_300",
        link_text_color="*primary_700",
        link_text_color_dark="*primary_300",
        loader_color="*primary_600",
        table_odd_background_fill="#ffffff",
        table_odd_background_fill_dark="*neutral_900",
        table_even_background_fill="*neutral_50",
        table_even_background_fill_dark="*neutral_950",
    )
