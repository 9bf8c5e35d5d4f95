"""What `make docs` adds to the pages of this folder: the pages that are read off the code, and links that leave the folder.

Here: handing pages to MkDocs. Not here: what they say (`orchestration/report/reference.py`).
"""

import re
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from orchestration.report.reference import PAGES

TABLE_AFTER_TEXT = re.compile(r"^([^|\n].*)\n(?=\|.*\n\|[-| :]+\|$)", re.MULTILINE)
OUTSIDE = re.compile(r"\[([^\]]+)\]\(((?:\.\./)+[^)]+)\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    for name, page in PAGES.items():
        files.append(File.generated(config, name, content=page()))
    return files


def on_page_markdown(markdown: str, *, page: Any, config: MkDocsConfig, files: Files) -> str:
    """A link to a file of the repository that is no page of the site is shown as its text; a table may follow a line of text, as
    readers of the repository see it."""
    depth = page.file.src_uri.count("/")

    def text_only(link: re.Match[str]) -> str:
        return link[1] if link[2].count("../") > depth else link[0]

    return TABLE_AFTER_TEXT.sub(r"\1\n\n", OUTSIDE.sub(text_only, markdown))
