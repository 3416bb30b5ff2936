"""A ticket's public code: UP-7K3M-9QXD. It names a ticket and opens nothing.

Seven Crockford base-32 characters (35 random bits) and a check character from the same alphabet: a polynomial over
GF(32) (x^5 + x^2 + 1), which finds every single wrong character and every swap of two neighbours.
"""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U
_READ = {**{c: i for i, c in enumerate(ALPHABET)}, "O": 0, "I": 1, "L": 1}
_FOLD = 0b100101  # x^5 + x^2 + 1, primitive over GF(2)
BITS = 35


def _check(values: list[int]) -> int:
    """The Horner sum of the values over powers of x, in GF(32)."""
    total = 0
    for value in values:
        total = (total ^ value) << 1
        if total & 32:
            total ^= _FOLD
    return total


def code_of(number: int) -> str:
    """The 8 characters for a number below 2**35, without prefix or hyphen."""
    if not 0 <= number < 1 << BITS:
        raise ValueError(f"a ticket number has {BITS} bits")
    values = [number >> shift & 31 for shift in range(BITS - 5, -1, -5)]
    return "".join(ALPHABET[v] for v in [*values, _check(values)])


def shown(code: str, prefix: str = "UP") -> str:
    return f"{prefix}-{code[:4]}-{code[4:]}"


def read(text: str) -> str | None:
    """The 8 characters meant by what a person typed (case, O for 0, hyphens, prefix), or None if the check fails."""
    chars = [c for c in text.upper() if c.isalnum()]
    if len(chars) < 8:
        return None
    values = [_READ.get(c, -1) for c in chars[-8:]]
    if -1 in values:
        return None
    if _check(values[:7]) != values[7]:
        return None
    return "".join(ALPHABET[v] for v in values)


def digits_of(code: str) -> str:
    """The twin for a phone's keypad: 11 digits of the number and one check digit."""
    number = 0
    for c in code[:7]:
        number = number << 5 | _READ[c]
    return f"{number:011d}{number % 9}"
