"""The API's description (OpenAPI 3.1), in which errors have the media type they really have."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI

from counterfoil.api.errors import MEDIA_TYPE

FIRST_ERROR = 400


class DescribedApi(NinjaAPI):
    """The API with a description that says what a client receives."""

    def get_openapi_operation_id(self, operation: Any) -> str:
        """Return the name by which generated clients call an operation: our function's."""
        return str(operation.view_func.__name__)

    def get_openapi_schema(self, **settings: Any) -> Any:
        """Return the description as JSON values, problems as application/problem+json."""
        schema = super().get_openapi_schema(**settings)
        for methods in schema["paths"].values():
            for operation in methods.values():
                for status, answer in operation["responses"].items():
                    content = answer.get("content", {})
                    if status >= FIRST_ERROR and "application/json" in content:
                        content[MEDIA_TYPE] = content.pop("application/json")
        return schema
