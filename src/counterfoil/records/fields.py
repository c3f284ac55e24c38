"""Columns that hold exact numbers: decimals stored as whole millionths."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from counterfoil.core.money import STEPS

LARGEST = Decimal(10**12)


class StepsField(models.BigIntegerField):
    """A decimal with up to six places, stored as whole millionths in a bigint.

    In Python the value is a `Decimal`; in the database, and in every column the engine reads, it is the
    integer number of millionths. So nothing between the form and the invoice can round it.
    """

    description = "Decimal with up to six places, stored as millionths"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("validators", [MinValueValidator(-LARGEST), MaxValueValidator(LARGEST)])
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("validators", None)
        return name, path, args, kwargs

    @property
    def validators(self) -> list[Any]:
        """Return the validators given; BigIntegerField's own range is meant for whole numbers."""
        return list(self._validators)

    def from_db_value(self, value: int | None, _expression: Any, _connection: Any) -> Decimal | None:
        return None if value is None else _without_trailing_zeros(Decimal(value) / STEPS)

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or value == "":
            return None
        try:
            number = Decimal(str(value).strip())
        except ArithmeticError as error:
            raise ValidationError(f"“{value}” is not a number. Write it like 12.50.") from error
        if not number.is_finite():
            raise ValidationError(f"“{value}” is not a finite number. Write it like 12.50.")
        if number * STEPS != int(number * STEPS):
            raise ValidationError(f"“{value}” has more than six decimal places. Shorten it to six.")
        return number

    def get_prep_value(self, value: Any) -> int | None:
        number = self.to_python(value)
        return None if number is None else int(number * STEPS)

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else str(value)

    def formfield(self, **kwargs: Any) -> Any:
        from django import forms

        settings = {"form_class": forms.DecimalField, "max_digits": 16, "decimal_places": 6, **kwargs}
        return models.Field.formfield(self, **settings)


def _without_trailing_zeros(number: Decimal) -> Decimal:
    """Return *number* with no zeros after the point that say nothing: 12.500000 as 12.5, 100 as 100."""
    shortest = number.normalize()
    return shortest.quantize(Decimal(1)) if shortest.as_tuple().exponent > 0 else shortest  # type: ignore[operator]
