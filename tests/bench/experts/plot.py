"""Accuracy of policies over what they took, as an SVG of two panels. Standard library only."""
from html import escape

WIDTH, HEIGHT, MARGIN, GAP = 420, 320, 56, 40
INK, FAINT, POINT = "#1f2933", "#cbd2d9", "#0b69a3"


def scale(values, low, high):
    least, most = min(values), max(values)
    span = (most - least) or 1
    least, most = least - 0.08 * span, most + 0.08 * span
    return least, most, lambda value: low + (value - least) / (most - least) * (high - low)


def text(x, y, words, anchor="middle", size=11, fill=INK):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{fill}">'
            f"{escape(words)}</text>")


def line(x1, y1, x2, y2, stroke=FAINT, dash=""):
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{stroke}"{dashes}/>'


def place_labels(points):
    """Points and labels from the top down, no label over another one near it."""
    placed = []
    for x, y, name in sorted(points, key=lambda point: point[1]):
        label = y + 4
        while any(abs(label - other) < 12 and abs(x - near) < 130 for near, other in placed):
            label += 12
        placed.append((x, label))
        yield x, y, label, name


def panel(left, title, unit, points, best):
    """`points`: (name, taken, accuracy in percent)."""
    xs, ys = [point[1] for point in points], [point[2] for point in points] + [best]
    x0, x1, to_x = scale(xs, left + MARGIN, left + WIDTH - 90)
    y0, y1, to_y = scale(ys, HEIGHT - MARGIN, MARGIN)
    out = [text(left + WIDTH / 2, 24, title, size=13)]
    for step in range(5):
        x, y = x0 + (x1 - x0) * step / 4, y0 + (y1 - y0) * step / 4
        out.append(line(to_x(x), HEIGHT - MARGIN, to_x(x), MARGIN))
        out.append(text(to_x(x), HEIGHT - MARGIN + 16, f"{x:.2g}"))
        out.append(line(left + MARGIN, to_y(y), left + WIDTH - 90, to_y(y)))
        out.append(text(left + MARGIN - 6, to_y(y) + 4, f"{y:.0f} %", "end"))
    out.append(line(left + MARGIN, to_y(best), left + WIDTH - 90, to_y(best), INK, "4 3"))
    out.append(text(left + WIDTH - 92, to_y(best) - 4, "best single", "end"))
    out.append(text(left + WIDTH / 2 - 20, HEIGHT - 18, unit))
    for x, y, label, name in place_labels([(to_x(taken), to_y(right), name) for name, taken, right in points]):
        out.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{POINT}"/>')
        out.append(text(x + 7, label, name, "start", 10))
    return out


def draw(facts):
    best = 100 * facts["baselines"]["best_single"]["accuracy"]
    rows = [(name.removeprefix("moerge/"), one) for name, one in facts["policies"].items()]
    calls = [(name, one["calls"], 100 * one["accuracy"]) for name, one in rows]
    cost = [(name, one["usd_per_1000"], 100 * one["accuracy"]) for name, one in rows]
    body = panel(0, "right, by calls", "calls per question", calls, best)
    body += panel(WIDTH + GAP, "right, by cost", "USD per 1,000 questions", cost, best)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH + GAP} {HEIGHT}" '
            f'font-family="sans-serif"><rect width="100%" height="100%" fill="white"/>'
            + "".join(body) + "</svg>\n")
