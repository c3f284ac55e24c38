"""The currencies of ISO 4217 and how many digits their minor units have (billing-rules 13)."""

from __future__ import annotations

from counterfoil.core.refusals import Refusal, shown

_NO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_TWO_DIGITS = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF
    CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL
    HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU
    MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR
    SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED
    VES WST XAD XCD XCG YER ZAR ZMW ZWG
"""
_THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_DIGITS = "CLF UYW"

# Withdrawn at the start of 2025 and 2026: invoices in them are still open and still credited.
_LATELY_WITHDRAWN = "ANG BGN"

MINOR_DIGITS: dict[str, int] = {
    code: digits
    for digits, codes in (
        (0, _NO_DIGITS),
        (2, _TWO_DIGITS),
        (2, _LATELY_WITHDRAWN),
        (3, _THREE_DIGITS),
        (4, _FOUR_DIGITS),
    )
    for code in codes.split()
}


class UnknownCurrency(Refusal):
    """{currency} is not a currency of ISO 4217. Use its three capital letters, for example EUR."""


def minor_digits(currency: str) -> int:
    """Return how many decimal digits amounts in *currency* have (EUR 2, JPY 0, KWD 3, CLF 4).

    Codes without a minor unit (gold, test codes) are no currencies to bill in. Raises `UnknownCurrency`.
    """
    digits = MINOR_DIGITS.get(currency)
    if digits is None:
        raise UnknownCurrency(currency=shown(currency))
    return digits
