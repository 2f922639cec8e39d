"""The endpoints of the web API, and the tools of the MCP server."""

from __future__ import annotations

from demos.codec import Codecs


def build(codecs: Codecs) -> None:
    """Adds the endpoints to the page that is being built."""
