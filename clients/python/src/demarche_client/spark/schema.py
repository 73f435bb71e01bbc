"""The columns that are added to the articles, once, and as Arrow and as Spark have them."""

from __future__ import annotations

from typing import Any

import pyarrow

_STANCE = {
    "holder_code": "string", "holder": "string", "stance": "string", "target_code": "string", "target": "string",
    "confidence": "double", "aligned": "double", "neutral": "double", "opposed": "double",
    "voice": "string", "modality": "string", "speaker": "string",
    "sentence": "string", "start": "int", "end": "int",
}  # fmt: skip

# A list of one is an array, a dict a struct.
ADDED: dict[str, Any] = {
    "stances": [_STANCE],
    "recognised_issue": "string",
    "model": {"name": "string", "version": "string", "content_hash": "string"},
    "error": {"code": "string", "reason": "string", "message": "string"},
}


def arrow_type(kind: Any) -> pyarrow.DataType:
    """A type as Arrow has it."""
    if isinstance(kind, list):
        return pyarrow.list_(arrow_type(kind[0]))
    if isinstance(kind, dict):
        return pyarrow.struct([(name, arrow_type(inner)) for name, inner in kind.items()])
    return {"string": pyarrow.string(), "double": pyarrow.float64(), "int": pyarrow.int32()}[kind]


def spark_type(kind: Any) -> Any:
    """A type as Spark has it."""
    from pyspark.sql import types

    if isinstance(kind, list):
        return types.ArrayType(spark_type(kind[0]))
    if isinstance(kind, dict):
        return types.StructType([types.StructField(name, spark_type(inner)) for name, inner in kind.items()])
    return {"string": types.StringType(), "double": types.DoubleType(), "int": types.IntegerType()}[kind]
