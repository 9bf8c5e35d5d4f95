"""One published version, in a format of the consumer's choice. See docs/how-to/export.md."""

from orchestration.export.choice import Choice
from orchestration.export.exporting import Exported, export

__all__ = ["Choice", "Exported", "export"]
