"""A progress bar, where tqdm is installed."""

from __future__ import annotations

from typing import Any


def progress_bar(articles: Any) -> Any:
    """A bar over the articles, with their number if they have one."""
    try:
        from tqdm.auto import tqdm
    except ImportError:
        raise ImportError("progress=True needs tqdm: pip install 'demarche-client[progress]'") from None
    return tqdm(total=len(articles) if hasattr(articles, "__len__") else None, unit=" articles")
