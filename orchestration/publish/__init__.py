"""Candidate → version. See docs/publishing.md."""

from orchestration.publish.publisher import Published, Stale, publish

__all__ = ["Published", "Stale", "publish"]
