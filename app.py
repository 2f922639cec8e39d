"""Open Sentence Space in the browser: python app.py --help"""

from __future__ import annotations

import argparse
import os
import signal
import sys

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
# Gradio makes statistics of its last 10,000 answers after each one, for a page that is not served here.
os.environ |= {"GRADIO_ANALYTICS_CACHE_FREQUENCY": str(10**12), "GRADIO_ANALYTICS_MAX_EVENTS": "1"}


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line; each option may also be an environment variable, SENTENCE_SPACE_PORT for --port."""

    def preset(name: str, otherwise: str | None = None) -> str | None:
        return os.environ.get(f"SENTENCE_SPACE_{name.upper()}") or otherwise

    def said(name: str) -> bool:
        return (preset(name) or "").lower() in ("1", "true", "yes", "on")

    parser = argparse.ArgumentParser(
        prog="app.py",
        description="Sentence Space: a sentence becomes one vector, and the vector a Russian sentence.",
        epilog="Each option is also an environment variable: SENTENCE_SPACE_PORT=7861 is --port 7861.",
    )
    parser.add_argument("--pair", default=preset("pair", "auto"), help="the model pair to open with (auto)")
    parser.add_argument("--host", default=preset("host"), help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", default=preset("port"), type=int, help="the first free from 7860")
    parser.add_argument("--root-path", default=preset("root_path"), help="where a proxy serves it: /demo")
    parser.add_argument("--device", default=preset("device"), help="cpu, cuda, … (cuda if there is one)")
    parser.add_argument("--share", action="store_true", default=said("share"), help="make a public link")
    parser.add_argument("--mcp", action="store_true", default=said("mcp"), help="be an MCP server too")
    return parser.parse_args(arguments)


def main() -> None:
    chosen = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # the end that removes visitors' files too
    from demos.ui.disk import own_folder

    own_folder()
    from demos.codec import CodecError
    from demos.hosting import on_zero_gpu, open_codecs, spare_memory

    spare_memory()
    try:
        # The pair first: on ZeroGPU its models are placed before all else, and two threads that import
        # are slower than one.
        codecs = open_codecs(chosen.pair or "auto", chosen.device)
        from demos.api import check_tools
        from demos.operations.files.tables import MOST_BYTES
        from demos.page import SERVER, build_page, head, script
        from demos.ui.i18n import t
        from demos.ui.live import THREADS
        from demos.ui.theme import STYLE, theme
        from demos.warming import is_asked, warm_up

        page = build_page(codecs)
        page.launch(
            server_name=chosen.host,
            server_port=chosen.port,
            root_path=chosen.root_path,
            share=chosen.share,
            mcp_server=chosen.mcp,
            max_threads=THREADS,
            state_session_capacity=300,  # a session takes a tenth of a megabyte, and what its page holds
            ssr_mode=False,
            _frontend=False,  # else a machine that is busy for three seconds does not start
            footer_links=["api"],
            enable_monitoring=False,
            i18n=t,
            theme=theme(),
            css_paths=STYLE,
            js=script(),
            head=head(),
            max_file_size=MOST_BYTES,
            app_kwargs=SERVER,
            prevent_thread_lock=True,
        )
        check_tools(page)
        if not on_zero_gpu():  # whose GPU only a visitor can borrow
            warm_up(codecs.get(), lambda: is_asked(page))
        page.block_thread()
    except (CodecError, OSError, ImportError) as error:
        sys.exit(f"Sentence Space cannot start: {error}")


if __name__ == "__main__":
    main()
