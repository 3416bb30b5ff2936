"""Masking: secrets are destroyed where they stand, facts move into typed fields. See docs/masking.md."""

from ingest.masking.formats import DEFAULT, Formats, NumberFormat
from ingest.masking.mask import inspect, mask
from ingest.masking.shapes import Fact, Masked, Span

__all__ = ["DEFAULT", "Fact", "Formats", "Masked", "NumberFormat", "Span", "inspect", "mask"]
