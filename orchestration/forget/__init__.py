"""A document taken down: out of the landing, out of every kept version, and never taken in again. See docs/publishing.md."""
