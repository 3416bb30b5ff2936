"""Every word that deskd itself says to customers, its check and its rendering. See docs/texts.md."""

from deskd.texts.catalogue import Catalogue, Rendered, Text, TextError, load
from deskd.texts.promises import day, promise

__all__ = ["Catalogue", "Rendered", "Text", "TextError", "day", "load", "promise"]
