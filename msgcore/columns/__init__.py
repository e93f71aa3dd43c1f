"""Whole columns: one call for all texts, typed buffers back, no Python object per row.

Two kinds of columns are read. A ``list`` of ``str`` gives records of ``array.array``, which ``numpy.frombuffer`` and
``memoryview`` take without a copy. Anything that speaks the Arrow PyCapsule Interface (a pyarrow array or table, a
polars series, a DuckDB relation, a pandas series) gives an ``ArrowColumn``, which speaks it too; msgcore needs no Arrow
library for it. The texts are read where they stand, and the GIL is released meanwhile, so that columns can be worked on
in several threads.

Options mean what they mean for one text. A text that cannot be sent stops the call by default: a note names the row
(``error.__notes__``), and a column has no half result. With ``errors="null"`` such a row has no answer instead: null in
an Arrow result, in a list's result a segment count of 0. An Arrow null has none either. What is no text at all is an
error in any case, and so is a column whose frame or offsets break Arrow's rules; octets that are not UTF-8 are an unfit
text.
"""

from msgcore.columns.numbers import NumberClassification, classify_numbers
from msgcore.columns.producers import ArrowArrayProducer, ArrowProducer, ArrowStreamProducer
from msgcore.columns.texts import ColumnAnalysis, ColumnSegments, analyze, count_segments, segment
from msgcore.kernel.arrow_results import ArrowColumn

__all__ = [
    "ArrowArrayProducer",
    "ArrowColumn",
    "ArrowProducer",
    "ArrowStreamProducer",
    "ColumnAnalysis",
    "ColumnSegments",
    "NumberClassification",
    "analyze",
    "classify_numbers",
    "count_segments",
    "segment",
]
