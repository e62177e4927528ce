#!/usr/bin/env python3
"""Writes tests/data/tool_cases.tsv: requests for the tools with answers computed here, independently of them.

Columns: tool, request, how to compare (is, starts, has), expected text. Needs mpmath. Deterministic: run it again after a change
and commit the result."""
import base64
import binascii
import codecs
import hashlib
import math
import random
import urllib.parse
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import mpmath

random.seed(20240229)
rows = []


def add(tool, request, expected, how="is"):
    assert "\t" not in request and "\t" not in str(expected)
    rows.append((tool, request.replace("\n", "\\n"), how, str(expected).replace("\n", "\\n")))


def decimal(value, digits=20):
    """A terminating fraction as decimal text."""
    value = Fraction(value)
    if value.denominator == 1:
        return str(value.numerator)
    places = next(p for p in range(200) if (value * 10**p).denominator == 1)
    text = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    return ("-" if value < 0 else "") + text[:-places] + "." + text[-places:]


def significant(value, digits):
    with mpmath.workdps(digits + 30):
        number = mpmath.mpf(value.numerator) / value.denominator if isinstance(value, Fraction) else value()
        return mpmath.nstr(number, digits, strip_zeros=False, min_fixed=-30, max_fixed=60)


def arithmetic(request, expected, how="is"):
    add("arithmetic", request, expected, how)


def integers():
    frames = ["What is {}?", "{}", "calculate {}", "Can you compute {} please?", "{} =", "how much is {}?", "{} equals?"]
    for i in range(60):
        a, b, c = (random.randint(-10**random.randint(1, 15), 10**random.randint(1, 15)) for _ in range(3))
        a, b, c = abs(a), abs(b), abs(c) + 1
        text, value = random.choice([(f"{a} + {b}", a + b), (f"{a} - {b}", a - b), (f"{a} * {b}", a * b), (f"{a:,} + {b:,}", a + b),
                                     (f"({a} + {b}) * {c}", (a + b) * c), (f"{a} × {b} − {c}", a * b - c), (f"{a} mod {c}", a % c),
                                     (f"{a} times {b} plus {c}", a * b + c), (f"{a}*{b}-{c}*{a}", a * b - c * a)])
        arithmetic(frames[i % len(frames)].format(text), value)
    for _ in range(15):
        a, b = random.randint(2, 40), random.randint(2, 90)
        arithmetic(f"{a}^{b}", a**b)
    for _ in range(15):
        a, e, m = random.randint(2, 10**6), random.randint(10, 10**9), random.randint(2, 10**6)
        arithmetic(f"What is {a}^{e} mod {m}?", pow(a, e, m))
    for n in (5, 20, 52, 100):
        arithmetic(f"{n}!", math.factorial(n))
    for n, k in ((52, 5), (10, 3), (100, 50)):
        arithmetic(f"{n} choose {k}", math.comb(n, k))
        arithmetic(f"{n}!/({k}!*{n - k}!)", math.comb(n, k))
    for _ in range(10):
        a, b = random.randint(2, 10**9), random.randint(2, 10**9)
        arithmetic(f"gcd of {a} and {b}", math.gcd(a, b))
        arithmetic(f"least common multiple of {a} and {b}?", math.lcm(a, b))
    for n in (2, 91, 1009, 7919, 1000003, 1000001, 561):
        prime = all(n % d for d in range(2, math.isqrt(n) + 1))
        arithmetic(f"is {n} prime?", ("Yes, " if prime else "No, ") + f"{n} is {'' if prime else 'not '}prime")


def rationals():
    for _ in range(25):
        a, b, c, d = (random.randint(1, 40) for _ in range(4))
        value = Fraction(a, b) + Fraction(c, d)
        arithmetic(f"{a}/{b} + {c}/{d} as a fraction", str(value))
    for _ in range(25):
        a, b = Fraction(random.randint(1, 99999), 1000), Fraction(random.randint(1, 9999), 100)
        arithmetic(f"{decimal(a)} + {decimal(b)}", decimal(a + b))
        arithmetic(f"What is {decimal(a)} * {decimal(b)}", decimal(a * b))
    for _ in range(25):
        p, x = random.randint(1, 150), random.randint(1, 99999)
        arithmetic(random.choice(["What is {}% of {:,}?", "{} percent of {:,}", "{}% of {}"]).format(p, x), decimal(Fraction(p * x, 100)))
    for _ in range(12):
        p, x = random.randint(1, 95), random.randint(10, 9999)
        arithmetic(f"increase {x} by {p}%", decimal(Fraction(x * (100 + p), 100)))
        arithmetic(f"{x} decreased by {p} percent", decimal(Fraction(x * (100 - p), 100)))
        arithmetic(f"What is {p}% off {x}?", decimal(Fraction(x * (100 - p), 100)))
    for a, b in ((10, 3), (22, 7), (1, 7), (100, 17)):
        arithmetic(f"{a}/{b}", f"{a}/{b} ≈ {significant(Fraction(a, b), 20)}")
        arithmetic(f"{a} / {b} to 8 decimal places", "≈ " + f"{mpmath.nstr(mpmath.mpf(a) / b, 8 + len(str(a // b)) * (a // b > 0), strip_zeros=False)}")


def irrationals():
    mpmath.mp.dps = 400
    for n in (2, 3, 5, 10, 123456789):
        for digits in (10, 30, 100):
            arithmetic(f"sqrt({n}) to {digits} digits", "≈ " + significant(lambda n=n: mpmath.sqrt(n), digits))
    for text, function in (("ln(2)", lambda: mpmath.log(2)), ("e^2", lambda: mpmath.e**2), ("exp(0.5)", lambda: mpmath.exp("0.5")),
                           ("2^0.5", lambda: mpmath.sqrt(2)), ("pi^2", lambda: mpmath.pi**2), ("log10(7)", lambda: mpmath.log10(7)),
                           ("cbrt(10)", lambda: mpmath.cbrt(10)), ("log base 3 of 10", lambda: mpmath.log(10) / mpmath.log(3)),
                           ("sqrt(2) + sqrt(3)", lambda: mpmath.sqrt(2) + mpmath.sqrt(3)), ("e^pi", lambda: mpmath.exp(mpmath.pi)),
                           ("the square root of 7", lambda: mpmath.sqrt(7)), ("√11", lambda: mpmath.sqrt(11)), ("tan(40 degrees)", lambda: mpmath.tan(mpmath.radians(40)))):
        arithmetic(f"What is {text}?", "≈ " + significant(function, 20))
    for text, value in (("sin(30 degrees)", "0.5"), ("cos(60°)", "0.5"), ("sin(pi)", "0"), ("tan(pi/4)", "1"), ("log2(1024)", "10"),
                        ("log base 2 of 8", "3"), ("ln(1)", "0"), ("square root of 144", "12"), ("8^(1/3)", "2"), ("(4/9)^0.5 as a fraction", "2/3")):
        arithmetic(text, value)


def arithmetic_words():
    units = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
    tens = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()

    def words(n):
        if n < 20:
            return units[n]
        if n < 100:
            return tens[n // 10] + ("-" + units[n % 10] if n % 10 else "")
        if n < 1000:
            return units[n // 100] + " hundred" + (" and " + words(n % 100) if n % 100 else "")
        return words(n // 1000) + " thousand" + (" " + words(n % 1000) if n % 1000 else "")

    for _ in range(20):
        a, b = random.randint(1, 99999), random.randint(1, 999)
        arithmetic(f"{words(a)} plus {words(b)}", a + b)
        arithmetic(f"What is {words(b)} times {words(a)}?", a * b)
    for request, value in (("three hundred and five times twelve", 3660), ("a third of 90", 30), ("12 squared", 144), ("half of 10", 5),
                           ("2 to the power of 10", 1024), ("sum of 1, 2, 3 and 4", 10), ("average of 10, 20 and 60", 30), ("255 in hex", "0xff"),
                           ("0xff + 1", 256), ("5 in binary", "0b101"), ("what percentage of 80 is 20", "25%"), ("percent change from 50 to 65", "30%"),
                           ("subtract 5 from 12", 7), ("remainder when 100 is divided by 7", 2), ("which is larger, 9.11 or 9.9", "9.9"),
                           ("2(3+4)", 14), ("what's 15% tip on $64.50?", "$9.675"), ("20% off $80", "$64"), ("3/7 divided by 9/14 as a fraction", "2/3"),
                           ("What is the remainder when 7^100 is divided by 13?", pow(7, 100, 13)), ("prime factors of 360", "360 = 2^3 * 3^2 * 5"),
                           ("factors of 28", "1, 2, 4, 7, 14, 28"), ("next prime after 100", 101), ("10 divided by 4 as a mixed number", "2 1/2"), ("what is 0x1F in decimal", 31)):
        arithmetic(request, value)


def units_of_measure():
    length = {"inches": "0.0254", "feet": "0.3048", "yards": "0.9144", "miles": "1609.344", "km": "1000", "cm": "0.01", "mm": "0.001", "meters": "1"}
    mass = {"kg": "1", "g": "0.001", "pounds": "0.45359237", "ounces": "0.028349523125", "stone": "6.35029318", "mg": "0.000001"}
    time = {"seconds": "1", "minutes": "60", "hours": "3600", "days": "86400", "weeks": "604800"}
    pressure = {"kPa": "1000", "bar": "100000", "atm": "101325", "Pa": "1"}
    data = {"bits": "1", "bytes": "8", "KiB": "8192", "MiB": str(8 * 2**20), "GiB": str(8 * 2**30)}
    power = {"watts": "1", "kW": "1000", "MW": "1000000"}

    def shown(value):
        text = None
        try:
            text = decimal(value)
        except StopIteration:
            pass
        if text and len(text.replace(".", "").lstrip("-0")) <= 20:
            return "= " + text
        rounded = significant(value, 12)
        return "≈ " + (rounded.rstrip("0").rstrip(".") if "." in rounded else rounded)

    for table in (length, mass, time, pressure, data, power):
        names = list(table)
        for _ in range(10):
            a, b = random.sample(names, 2)
            n = Fraction(random.randint(1, 4000), random.choice([1, 1, 2, 10]))
            value = n * Fraction(table[a]) / Fraction(table[b])
            if value < Fraction(1, 10**6):
                continue
            frame = random.choice(["convert {n} {a} to {b}", "{n} {a} in {b}", "how many {b} are in {n} {a}?", "What is {n} {a} in {b}?"])
            add("units", frame.format(n=decimal(n), a=a, b=b), f"{decimal(n)} {a} {shown(value)} {b}")
    for celsius in (-40, 0, 21, 37, 100):
        add("units", f"{celsius} celsius to fahrenheit", f"{celsius} celsius = {decimal(Fraction(celsius * 9, 5) + 32)} fahrenheit")
    for request, expected in (("convert 5 ft 11 in to cm", "180.34 cm"), ("5'11\" in cm", "180.34 cm"), ("60 mph to km/h", "96.56064 km/h"),
                              ("5 gallons to liters", "18.92705892 liters (US); 22.73045 liters (imperial)"), ("1 GB in MB", "1000 MB (1000-based); 1024 MB (1024-based)"),
                              ("90 degrees in radians", "≈ 1.57079632679 radians"), ("180.34 cm in feet and inches", "5 feet 11 inches"),
                              ("30 mpg in L/100km", "≈ 7.84048611111 L/100km (US)"), ("half a mile in meters", "804.672 meters"), ("10000 seconds in hours, minutes and seconds", "2 hours 46 minutes 40 seconds"),
                              ("2 tons to kg", "1814.36948 kg (US short tons); 2000 kg (metric tons); 2032.0938176 kg (UK long tons)"), ("1 acre in square meters", "4046.8564224 square meters"),
                              ("100 hp to kW", "74.569987158227022 kW (mechanical)"), ("how many seconds in a day", "86400 seconds"), ("16 oz to ml", "473.176473 ml (US)"),
                              ("convert 10 kg to lbs to 2 decimal places", "≈ 22.05 lbs"), ("100 Mbps in MB/s", "12.5 MB/s (1000-based)"), ("what is 6 feet 2 in cm?", "187.96 cm"),
                              ("1 cubic meter in liters", "1000 liters"), ("1 kWh in joules", "3600000 joules"), ("1/3 yard in feet", "1/3 yard = 1 feet"), ("0 K in celsius", "-273.15 celsius")):
        add("units", request, expected, "has")


def dates():
    def long(d):
        return f"{d.strftime('%A')}, {d.day} {d.strftime('%B')} {d.year} ({d.isoformat()})"

    def some():
        return date(1600, 1, 1) + timedelta(days=random.randint(0, 300000))

    def written(d):
        return random.choice([d.isoformat(), f"{d.day} {d.strftime('%B %Y')}", f"{d.strftime('%B')} {d.day}, {d.year}", f"{d.day} {d.strftime('%b')} {d.year}"])

    for _ in range(30):
        a, b = sorted((some(), some()))
        add("dates", f"How many days between {written(a)} and {written(b)}?", f"{(b - a).days} days")
    for _ in range(20):
        d = some()
        add("dates", random.choice(["what day of the week was {}?", "What weekday is {}", "day of the week of {}"]).format(written(d)), d.strftime("%A"))
    for _ in range(15):
        d, n = some(), random.randint(1, 5000)
        add("dates", f"add {n} days to {written(d)}", long(d + timedelta(days=n)))
        add("dates", f"what is the date {n} days before {written(d)}?", long(d - timedelta(days=n)))
    for _ in range(10):
        d, n = some(), random.randint(1, 60)
        at, left = d, n
        while left:
            at += timedelta(days=1)
            left -= at.weekday() < 5
        add("dates", f"add {n} business days to {d.isoformat()}", long(at), "starts")
    for _ in range(10):
        a = some()
        b = a + timedelta(days=random.randint(1, 900))
        count = sum((a + timedelta(days=i)).weekday() < 5 for i in range((b - a).days))
        add("dates", f"how many business days between {a.isoformat()} and {b.isoformat()}", f"{count} business day", "starts")
    for year in (1900, 2000, 2023, 2024, 2100, 1996):
        leap = (year % 4 == 0 and year % 100 != 0) or year % 400 == 0
        add("dates", f"is {year} a leap year?", ("Yes, " if leap else "No, ") + f"{year} is {'' if leap else 'not '}a leap year")
        add("dates", f"how many days were in {year}?", f"{365 + leap} days")
    for _ in range(12):
        d = some()
        iso = d.isocalendar()
        add("dates", f"what week number is {written(d)}?", f"ISO week {iso[1]} of {iso[0]}")
        add("dates", f"what day of the year is {written(d)}", f"Day {d.timetuple().tm_yday} of {d.year}")
    from dateutil.easter import easter
    for year in (1818, 1961, 2008, 2024, 2025, 2038, 2285):
        add("dates", f"when is Easter {year}?", long(easter(year)), "starts")
    for request, expected in (("How many days between 3 March 2021 and Christmas 2024?", "1393 days"), ("what date is it in 3 weeks", "Sunday, 13 December 2026 (2026-12-13)"),
                              ("2024-01-31 + 1 month", "Thursday, 29 February 2024 (2024-02-29) (the last day of the shorter month)"), ("how many days until Christmas", "33 days"),
                              ("what is the date next Friday", "Friday, 27 November 2026 (2026-11-27) (taking next friday"), ("convert 15:00 UTC to UTC+5:30", "20:30 (UTC+05:30)"),
                              ("how many minutes between 9:15 am and 5:40 pm", "505 minutes"), ("how long is it from 9:15 to 17:40", "8 hours and 25 minutes"),
                              ("unix timestamp 1700000000 to date", "Tuesday, 14 November 2023 (2023-11-14) 22:13:20 UTC"), ("how old is someone born on 29 February 2000", "26 years old"),
                              ("when is thanksgiving 2025", "Thursday, 27 November 2025 (2025-11-27)"), ("how many weeks between 2024-01-01 and 2024-03-01", "8 weeks and 4 days"),
                              ("how many months from 15 January 2020 to 20 March 2023", "38 months and 5 days"), ("what is today's date", "Today is Sunday, 22 November 2026"),
                              ("how many days between 25/12/2021 and 31/12/2021", "6 days"), ("3 days after tomorrow", "Thursday, 26 November 2026")):
        add("dates", request, expected, "starts")


def text():
    words = "strawberry mississippi banana parallel bookkeeper onomatopoeia Tennessee rhythm committee hello zebra".split()
    for word in words:
        letter = random.choice(word.lower())
        count = word.lower().count(letter)
        if word.count(letter) == count:
            add("text-operations", f"How many {letter}'s are in {word}?", count)
            add("text-operations", f"how many times does the letter {letter} appear in {word}?", count)
        add("text-operations", f"reverse the word {word}", word[::-1])
        add("text-operations", f'how many letters are in the word "{word}"?', len(word))
        for name in ("md5", "sha1", "sha256", "sha512"):
            if random.random() < 0.5:
                add("text-operations", f"{name} of {word}", hashlib.new(name, word.encode()).hexdigest())
        add("text-operations", f"crc32 of '{word}'", f"{binascii.crc32(word.encode()):08x}")
        add("text-operations", f"is {word} a palindrome?", f'No, "{word}" is not a palindrome')
    sentences = ["The quick brown fox jumps over the lazy dog.", "héllo wörld", "Straße & Café: 50% off", "日本語 text", "a+b=c?"]
    for sentence in sentences:
        raw = sentence.encode()
        add("text-operations", f'base64 encode "{sentence}"', base64.b64encode(raw).decode())
        add("text-operations", f"decode this base64: {base64.b64encode(raw).decode()}", sentence)
        add("text-operations", f'convert "{sentence}" to hex', raw.hex())
        add("text-operations", f"hex decode {raw.hex()}", sentence)
        add("text-operations", f'url encode "{sentence}"', urllib.parse.quote(sentence, safe="-._~"))
        add("text-operations", f"url decode: {urllib.parse.quote(sentence, safe='')}", sentence)
        add("text-operations", f'rot13 "{sentence}"', codecs.encode(sentence, "rot13"))
        add("text-operations", f'convert "{sentence}" to binary', " ".join(f"{b:08b}" for b in raw))
        add("text-operations", f'count the words in this sentence: {sentence}', sum(any(c.isalnum() for c in w) for w in sentence.split()))
        add("text-operations", f'how many characters are in the text "{sentence}"?', len(sentence))
        add("text-operations", f'convert "{sentence}" to lowercase', sentence.lower())
        add("text-operations", f'reverse the string "{sentence}"', sentence[::-1])
        add("text-operations", f"sha256 hash of '{sentence}'", hashlib.sha256(raw).hexdigest())
    for _ in range(8):
        names = random.sample(["pear", "Apple", "fig", "cherry", "banana", "kiwi", "Lemon", "date"], 5)
        add("text-operations", "sort these: " + ", ".join(names), ", ".join(sorted(names, key=str.lower)))
        add("text-operations", "sort these words alphabetically: " + " ".join(names), " ".join(sorted(names, key=str.lower)))
        numbers = [random.randint(-50, 500) for _ in range(6)]
        add("text-operations", f"sort {', '.join(map(str, numbers))} in descending order", ", ".join(map(str, sorted(numbers, reverse=True))))
    for request, expected in (("convert to snake case: Hello World Foo", "hello_world_foo"), ("convert helloWorldFoo to snake_case", "hello_world_foo"),
                              ('convert "user account settings" to camelCase', "userAccountSettings"), ("title case: hello world", "Hello World"),
                              ('convert "hello" to uppercase', "HELLO"), ("what is SOS in Morse code?", "... --- ..."), ("decode morse ... --- ...", "SOS"),
                              ("decode binary 01101000 01101001", "hi"), ("is racecar a palindrome?", 'Yes, "racecar" is a palindrome'),
                              ("are listen and silent anagrams?", 'Yes, "listen" and "silent" are anagrams'), ("remove duplicates from this list: a, b, a, c", "a, b, c"),
                              ('reverse the order of the words in "one two three"', "three two one"), ('reverse the text "e\u0301a"', "ae\u0301"),
                              ("how many lines are in this text:\na\nb\nc", "3"), ("Uppercase: straße", "STRASSE"), ("lowercase: THIS IS NOT A DRILL", "this is not a drill"),
                              ("Reverse: thank you", "uoy knaht"), ('how many times does the word "the" appear in "the cat and the other hat"', "2")):
        add("text-operations", request, expected)


for part in (integers, rationals, irrationals, arithmetic_words, units_of_measure, dates, text):
    part()
lines = dict.fromkeys("\t".join(row) for row in rows)
target = Path(__file__).resolve().parents[2] / "data" / "tool_cases.tsv"
target.write_text("\n".join(lines) + "\n")
print(len(lines), "cases")
